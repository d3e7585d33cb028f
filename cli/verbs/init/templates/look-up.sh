#!/usr/bin/env bash
# Looks for the image of this commit in ECR; `digest` of the step stays empty where there is none.
answer=$(aws ecr batch-get-image --repository-name "$REPOSITORY" \
  --image-ids imageTag="$TAG" --output text --accepted-media-types \
  application/vnd.oci.image.index.v1+json \
  application/vnd.oci.image.manifest.v1+json \
  application/vnd.docker.distribution.manifest.list.v2+json \
  application/vnd.docker.distribution.manifest.v2+json \
  --query '[images[0].imageId.imageDigest, failures[0].failureCode]')
read -r digest failure <<< "$answer"
case "$digest $failure" in
  sha256:*) echo "digest=$digest" >> "$GITHUB_OUTPUT" ;;
  "None ImageNotFound") echo "Not there yet: building it." ;;
  *) echo "::error::ECR answers $answer for $REPOSITORY:$TAG"; exit 1 ;;
esac
