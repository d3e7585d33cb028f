#!/usr/bin/env bash
# Tells the job and people which image it is: the one that was there, or the one that was built.
digest=${EXISTING:-$BUILT}
echo "digest=$digest" >> "$GITHUB_OUTPUT"
{
  echo "Image \`$REPOSITORY:$TAG\`, digest \`$digest\`."
  if [ -n "$EXISTING" ]; then
    echo "It was pushed before: nothing was built, and no new rollout starts."
  fi
} >> "$GITHUB_STEP_SUMMARY"
