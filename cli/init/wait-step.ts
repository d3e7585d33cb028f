import { stateMachineName } from '../../infra/names.ts';
import { partitionOf } from './partition.ts';
import type { Plan } from './answers.ts';

/** An hour of the role's session is left for building and waiting together. */
const WAIT_SECONDS_MAX = 1500;
/** From a push to the start of its rollout seconds pass; a run that found an old image may look in vain. */
const START_SECONDS_MAX = 300;

/** The step that reads how the rollout of the pushed digest ends, and fails with it; bounded by 25 minutes. */
export function waitStep(plan: Plan): string[] {
  return [
    '',
    '      - name: Wait for the outcome of its rollout',
    '        shell: bash',
    '        env:',
    '          DIGEST: ${{ steps.pushed.outputs.digest }}',
    `          MACHINE: ${machineArn(plan)}`,
    '        run: |',
    ...SCRIPT.map((line) => `          ${line}`),
  ];
}

function machineArn({ service, region, account = '${{ vars.AWS_ACCOUNT_ID }}' }: Plan): string {
  const name = stateMachineName(service.serviceName);
  return `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${name}`;
}

// What the machine says is read line by line and never run, nor printed where it could begin a command of the runner.
const SCRIPT = [
  'rollout=',
  `while ((SECONDS < ${WAIT_SECONDS_MAX})); do`,
  '  if [ -z "$rollout" ]; then',
  '    arns=$(aws stepfunctions list-executions --state-machine-arn "$MACHINE" \\',
  '      --no-paginate --max-results 20 --output text \\',
  "      --query 'executions[].executionArn')",
  '    for arn in $arns; do',
  '      input=$(aws stepfunctions describe-execution --execution-arn "$arn" \\',
  '        --output text --query input)',
  '      if [[ $input == *"$DIGEST"* ]]; then rollout=$arn; break; fi',
  '    done',
  '  fi',
  '  if [ -n "$rollout" ]; then',
  '    answer=$(aws stepfunctions describe-execution --execution-arn "$rollout" \\',
  "      --output text --query '[status, error, output, cause]')",
  '    read -r status outcome _ <<< "$answer"',
  `    if [[ $answer =~ \\"outcome\\"\\ *:\\ *\\"([A-Z_]+)\\" ]]; then`,
  '      outcome=${BASH_REMATCH[1]}',
  '    fi',
  '    if [ "$status" != RUNNING ]; then',
  '      echo "Rollout: \\`$outcome\\` ($rollout)." >> "$GITHUB_STEP_SUMMARY"',
  '      case "$status $outcome" in',
  '        "SUCCEEDED SUCCEEDED" | "SUCCEEDED NO_CHANGE") exit 0 ;;',
  '      esac',
  '      echo "::error::The rollout ended $status $outcome; see $rollout"',
  '      exit 1',
  '    fi',
  `  elif ((SECONDS >= ${START_SECONDS_MAX})); then`,
  '    echo "::error::No recent rollout of $DIGEST was found"',
  '    exit 1',
  '  fi',
  '  sleep 15',
  'done',
  'echo "::error::The rollout has not ended yet; see $rollout"',
  'exit 1',
];
