import type { RolloutsConfiguration } from './infra/configuration.ts';

// The one file to edit: which ECS services follow which ECR repositories. Every field, its default and its limits are
// described at RolloutsConfiguration; a mistake is refused with its place, the value seen and the remedy.
//
//   npm start          rehearses this configuration, without an AWS account
//   npx cdk deploy     puts it into yours

export default {
  services: [
    {
      // The ECR repository that the pipeline pushes to, and the container of the task definition that takes the image.
      repository: 'reflectance-datacube-processor',
      container: 'processor',

      // The pipeline tags every image with the commit it was built from, so any tag counts and the newest push wins.
      // { exact: 'latest' } would follow one tag, { semver: '^1.2.0' } the highest version of a range.
      tag: { glob: '*' },

      // The ECS service to roll. Left out: cluster "default", and a service and task definition family named like the
      // repository.
      cluster: 'default',
      service: 'reflectance-datacube-processor',

      // A rollout counts as proven once it stayed healthy this long.
      bakeTimeSeconds: 60,

      // Who is told of outcomes and alarms. Every address gets a mail from AWS to confirm.
      // notify: { emails: ['you@example.com'] },
    },
  ],
} satisfies RolloutsConfiguration;
