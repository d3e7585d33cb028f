import { z } from 'zod';
import { fields, optional, text } from './field.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/**
 * A graph takes 500 metrics and expressions at most, shown or not
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html), and a dashboard 2,500
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html): the failure rate takes seven a service.
 */
export const SERVICES_PER_DASHBOARD = 70;

/** `dashboard`: one page for all services of the file, unless it is `false`. */
export const dashboardSchema = z.union([
  z.literal(false),
  fields({
    /**
     * What the dashboard is called, as part of `rollouts-<name>-<Region>`. The account may have one of each name; another name is
     * another dashboard. Give no two configuration files the same one: nothing refuses it, and each deployment would replace the
     * other's page.
     * @default the name of the first service of the file
     */
    name: optional(
      text(
        NAME,
        'a name for a dashboard',
        'use 1 to 100 letters, digits, "_" and "-", beginning with a letter or digit',
      ),
    ),
  }),
]);
