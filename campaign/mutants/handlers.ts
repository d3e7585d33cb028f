import type { Mutant } from './mutant.ts';

/** Faults of what is done: the handlers, the steps that they share and the adapters. */
export const HANDLERS: readonly Mutant[] = [
  {
    name: 'registers-again',
    breaks: 'A second attempt finds the revision that the first one registered.',
    file: 'functions/register-revision.ts',
    find: 'return { taskDefinition: earlier ?? (await register(looks, input)) };',
    replace: 'return { taskDefinition: (await register(looks, input)) ?? earlier };',
  },
  {
    name: 'another-regions-registry',
    breaks: 'An image is pinned in the Region where it was pushed.',
    file: 'functions/register-revision.ts',
    find: "  const revision = nextRevision(current.taskDefinition, current.tags, {\n    containers: config.containers,\n    image: pinnedImage(environment('REPOSITORY_URI'), decision.image.digest),\n",
    replace:
      "  const revision = nextRevision(current.taskDefinition, current.tags, {\n    containers: config.containers,\n    image: pinnedImage(environment('REPOSITORY_URI').replace(/ecr[.][^.]+/, 'ecr.us-east-1'), decision.image.digest),\n",
  },
  {
    name: 'baseline-is-not-kept',
    breaks: 'What a rollout goes back to keeps a tag, so that no lifecycle policy expires it.',
    file: 'functions/register-revision.ts',
    find: "    await looks.once('baseline', () => keepBaseline(input));\n",
    replace: '',
    lives: {
      as: 'blind spot',
      because:
        'no lifecycle policy runs in a campaign; `test/functions/handlers/register-revision.test.ts` has the baseline tagged.',
    },
  },
  {
    name: 'copy-is-not-made',
    breaks: 'Before anything is touched there is a revision that can be put back as it was.',
    file: 'functions/register-revision.ts',
    find: '    await pinRollbackTarget({ looks, register: (copy) => registerAfter(looks, copy) }, ledger, input);\n',
    replace: '',
  },
  {
    name: 'count-is-sent-along',
    breaks: 'How many tasks run is not the business of a rollout.',
    file: 'functions/aws/service.ts',
    find: 'new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition, desiredCount }),',
    replace:
      'new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition, desiredCount: desiredCount ?? 2 }),',
  },
  {
    name: 'deployment-is-forced',
    breaks: 'UpdateService sends a revision and nothing else.',
    file: 'functions/aws/service.ts',
    find: 'new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition, desiredCount }),',
    replace:
      'new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition, desiredCount, forceNewDeployment: true }),',
  },
  {
    name: 'deadline-starts-anew',
    breaks: 'No second attempt moves a deadline.',
    file: 'functions/roll-service.ts',
    find: "  const isNew = state === 'RollBack' && !isAttempted(owner, taskDefinition) && !isGoingBack(owner);\n",
    replace: "  const isNew = state === 'RollBack' || isAttempted(owner, taskDefinition) || isGoingBack(owner);\n",
  },
  {
    name: 'nothing-is-written-before',
    breaks: 'Who is about to change the service writes that down first.',
    file: 'functions/roll-service.ts',
    find: '    return beginMutation(state, before, goal.taskDefinition, deadline, now);\n',
    replace:
      "    return input.state === 'RollBack' ? beginMutation(state, before, goal.taskDefinition, deadline, now) : undefined;\n",
  },
  {
    name: 'untouched-is-rolled-back',
    breaks: 'Where nothing was put on the service there is nothing to take back.',
    file: 'functions/roll-service.ts',
    find: '  if (isBack && (await findUntouched({ ledger, ecs }, input.rolloutId, input.config)))\n',
    replace: '  if (!isBack && (await findUntouched({ ledger, ecs }, input.rolloutId, input.config)))\n',
  },
  {
    name: 'failed-rollback-is-not-told',
    breaks: 'Someone is told of every rollback that failed.',
    file: 'functions/rollout/telling.ts',
    find: 'OUTCOMES[outcome].isAnnounced && triedAgainAt === undefined;',
    replace: "OUTCOMES[outcome].isAnnounced && triedAgainAt === undefined && outcome !== 'FAILED_ROLLBACK';",
  },
  {
    name: 'everything-is-told',
    breaks: 'Nobody is told of what changed nothing.',
    file: 'functions/rollout/telling.ts',
    find: 'OUTCOMES[outcome].isAnnounced && triedAgainAt === undefined;',
    replace: 'triedAgainAt === undefined;',
  },
  {
    name: 'history-is-not-written',
    breaks: 'Every rollout that ended has a record.',
    file: 'functions/steps/project-records.ts',
    find: '  await writeRecord(through.ledger, ',
    replace: "  if (record.outcome !== 'ROLLED_BACK') await writeRecord(through.ledger, ",
  },
  {
    name: 'outbox-is-dropped',
    breaks: 'What could not be told waits until it can be.',
    file: 'functions/steps/project-records.ts',
    find: "result?.status === 'fulfilled' && result.value.left === undefined;",
    replace: 'result?.status !== undefined;',
  },
  {
    name: 'concluded-twice',
    breaks: 'A Conclude that is repeated after its last write changes nothing more.',
    file: 'functions/conclude.ts',
    find: '  const earlier = ownedBy(known, rolloutId) ? undefined : await readRecord(ledger, said);\n',
    replace: '  const earlier = ownedBy(known, rolloutId) ? await readRecord(ledger, said) : undefined;\n',
  },
  {
    name: 'lease-is-kept',
    breaks: 'A rollout that has ended does not own the service.',
    file: 'functions/conclude.ts',
    find: 'const freed = withOwed(release(current, input.rolloutId, projected), owed);',
    replace: 'const freed = withOwed({ ...release(current, input.rolloutId, projected), owner: current.owner }, owed);',
  },
  {
    name: 'next-is-not-called',
    breaks: 'Who leaves the service calls the rollout that waits for it.',
    file: 'functions/conclude.ts',
    find: '  if (released.pending && !released.owner) await answerToken(sfn, released.tokens.turn, FREE);\n',
    replace: '',
  },
  {
    name: 'live-image-is-not-named',
    breaks: 'The live image is the one that was proven last.',
    file: 'functions/conclude.ts',
    find: "    live && writeLiveImage(ssm, liveImageParameter, pinnedImage(environment('REPOSITORY_URI'), live)),\n",
    replace: '',
  },
  {
    name: 'who-lost-the-place-is-not-told',
    breaks: 'A rollout that loses its place in the queue is told so.',
    file: 'functions/await-turn.ts',
    find: '  if (displaced) await answerToken(sfn, displaced.token, answer);\n',
    replace: '',
  },
  {
    name: 'facts-of-the-dead',
    breaks: 'Facts about one owner do not decide about another one.',
    file: 'functions/accept-intent.ts',
    find: 'const isSameOwner = state.owner?.rolloutId === known.owner?.rolloutId;',
    replace: 'const isSameOwner = true;',
    lives: {
      as: 'blind spot',
      because:
        'the owner would have to change between a read and the write that follows; `test/functions/handlers/accept-intent.test.ts` changes it there.',
    },
  },
  {
    name: 'events-wake-nobody',
    breaks: 'An event of ECS is looked at when it comes.',
    file: 'functions/wake-rollout.ts',
    find: 'if (!owner || !watch || !isWorthALook(event, watch)) {',
    replace: 'if (!owner || !watch || !isWorthALook(event, watch) || event.at > 0) {',
  },
  {
    name: 'verdict-is-not-kept',
    breaks: 'A verdict is written down before its token is answered.',
    file: 'functions/steps/settle-watch.ts',
    find: '      return recordVerdict(current, token, { ...judged, at: now, detectionLagSeconds }, now);\n',
    replace: '      return recordVerdict(current, undefined, { ...judged, at: now, detectionLagSeconds }, now);\n',
  },
  {
    name: 'last-write-wins',
    breaks: 'The ledger is changed by compare-and-swap only.',
    file: 'functions/aws/ledger-table.ts',
    find: "ConditionExpression: isFirst ? 'attribute_not_exists(#version)' : '#version = :expected',",
    replace:
      "ConditionExpression: isFirst ? 'attribute_not_exists(#version)' : '#version <> :expected OR #version = :expected',",
  },
  {
    name: 'stopped-tasks-are-not-looked-at',
    breaks: 'Tasks that stopped are looked at, for only they say why.',
    file: 'functions/steps/observe.ts',
    find: "    needed.stopped ? describeTasks(ecs, watch, 'STOPPED') : [],\n",
    replace: "    needed.stopped ? describeTasks(ecs, watch, 'RUNNING') : [],\n",
  },
  {
    name: 'denied-is-absent',
    breaks: 'A call that AWS refuses or cannot answer is no answer.',
    file: 'functions/aws/service.ts',
    find: "    if (isFault(error, 'ClusterNotFoundException')) return undefined;\n    throw error;\n",
    replace: '    return error === undefined ? error : undefined;\n',
  },
  {
    name: 'step-says-what-it-knows',
    breaks: 'No log, notification or record shows a value of the environment.',
    file: 'functions/aws/task-definitions.ts',
    find: "  return asTaskDefinitionArn(String(registered.taskDefinition['taskDefinitionArn']));\n",
    replace:
      "  console.log(JSON.stringify(registered.taskDefinition));\n  return asTaskDefinitionArn(String(registered.taskDefinition['taskDefinitionArn']));\n",
  },
  {
    name: 'no-time-for-the-way-back',
    breaks: 'A way back has as long as the way there.',
    file: 'functions/roll-service.ts',
    find: 'return isNew ? now + config.deadlineSeconds * 1000 : owner.deadline;',
    replace: 'return isNew ? owner.deadline : owner.deadline;',
  },
  {
    name: 'tick-sees-no-dead-waiter',
    breaks: 'The tick closes what died while it waited for its turn.',
    file: 'functions/tick.ts',
    find: "if (areRunning.includes(false)) return { word: 'start', reason: 'WaiterDied' };",
    replace: "if (areRunning.length > 99) return { word: 'start', reason: 'WaiterDied' };",
  },
];
