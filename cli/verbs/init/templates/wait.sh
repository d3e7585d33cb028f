#!/usr/bin/env bash
# Waits for the rollout of an image that this run pushed, and fails with it.
#
# The newest rollout of the digest that went somewhere decides: one that ran into a pin or a newer push counts only while there
# is no other, since a person may have released it in the meantime. Such a rollout was asked for without a digest; then its output
# says which one it was. Only these two members tell the image: a reason or a message may quote any digest. A push whose rollout
# took a newer image gave way to it. What the machine says is never run, nor printed where it could begin a command of the runner.
#
# An hour of the role's session is left for building and waiting together, so it waits 25 minutes. From a push to the start of its
# rollout seconds pass; a run that found an old image may look in vain, for five minutes.
while ((SECONDS < 1500)); do
  rollout='' idle='' decided=''
  arns=$(aws stepfunctions list-executions --state-machine-arn "$MACHINE" \
    --no-paginate --max-results 20 --output text \
    --query 'executions[].executionArn')
  for arn in $arns; do
    answer=$(aws stepfunctions describe-execution --execution-arn "$arn" --output json |
      jq -r --arg digest "$DIGEST" '
        def object: if type == "object" then . else {} end;
        def read: try fromjson catch {} | object;
        (.output // "{}" | read) as $output
        | (.input // "{}" | read | .detail | object | .["image-digest"]) as $pushed
        | (($output.image | object | .digest) // $output.digest) as $meant
        | select($pushed == $digest or $meant == $digest)
        | (if .status == "SUCCEEDED" then $output.outcome else .error end) as $said
        | (if $said == null then "without an outcome"
           else $said | tostring | gsub("[^A-Za-z_.]"; "") end) as $outcome
        | if $outcome == "SUCCEEDED" and $meant != null and $meant != $digest
          then "SUCCEEDED SUPERSEDED" else "\(.status) \($outcome)" end')
    if [ -z "$answer" ]; then continue; fi
    rollout=$arn
    read -r status outcome <<< "$answer"
    if [[ $status != SUCCEEDED || $outcome == SUCCEEDED ]]; then
      decided=1
      break
    fi
    idle=${idle:-$arn $outcome}
  done
  if [ -z "$decided" ] && [ -n "$idle" ]; then
    status=IDLE
    read -r rollout outcome <<< "$idle"
  fi
  if [ -z "$rollout" ]; then
    if ((SECONDS >= 300)); then
      echo "::error::No recent rollout of $DIGEST was found"
      exit 1
    fi
  elif [ "$status" != RUNNING ]; then
    echo "Rollout: \`$outcome\` ($rollout)." >> "$GITHUB_STEP_SUMMARY"
    case "$status" in
      SUCCEEDED) exit 0 ;;
      IDLE)
        echo "::notice::The image was not rolled out now: $outcome; see $rollout"
        exit 0
        ;;
    esac
    echo "::error::The rollout ended $status $outcome; see $rollout"
    exit 1
  fi
  sleep 15
done
echo "::error::The rollout has not ended yet; see $rollout"
exit 1
