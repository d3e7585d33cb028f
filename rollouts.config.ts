import type { RolloutsConfiguration } from './configuration/configuration.ts';

// The one file to edit: which ECS services follow which ECR repositories. Every field, its default and its limits are
// described at RolloutsConfiguration; a mistake is refused with its place, the value seen and the remedy.
//
//   npm start                 rehearses this configuration, without an AWS account
//   npx cdk deploy --all      puts it into yours

export default {
  services: [
    {
      // The ECR repository that the pipeline pushes to, and the container of the task definition that takes the image.
      repository: 'reflectance-datacube-processor',
      container: 'processor',

      // The pipeline tags every image with the commit it was built from, so any tag counts and the newest push wins.
      // { exact: 'latest' } would follow one tag, { semver: '^1.2.0' } the highest version of a range.
      tag: { glob: '*' },

      // A rollout counts as proven once it stayed healthy this long.
      bakeTimeSeconds: 60,

      // Who is told of outcomes and alarms. Every address gets a mail from AWS to confirm.
      // notify: { emails: ['you@example.com'] },

      // What follows creates the ground. For a service that exists, leave it out and name its `cluster` and `service`.

      // The ECR repository: immutable tags, and a lifecycle that spares the images a rollback may need.
      registry: {},

      // Who may push, without keys: jobs of this GitHub repository that run in this environment. Without both ids
      // (gh api repos/OWNER/NAME --jq '.owner.id, .id') whoever registers a name that you gave up can push too.
      github: { repository: 'earthdaily/reflectance-datacube-processor', environment: 'production' },

      // Network, cluster, task definition and service. It starts without tasks; the first push starts them.
      provision: {
        port: 8000,
        cpu: 512,
        memoryMiB: 1024,
        desiredCount: 2,
        // Settings reach the container when it starts, so none is built into the image.
        environment: { INPUT_JSON_PATH: 'data/processor_input_example.json' },
        secrets: {
          EDS_API_URL: { parameter: '/reflectance-datacube-processor/eds-api-url' },
          EDS_AUTH_URL: { parameter: '/reflectance-datacube-processor/eds-auth-url' },
        },
      },
    },
  ],
} satisfies RolloutsConfiguration;
