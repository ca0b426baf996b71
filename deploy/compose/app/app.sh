#!/bin/sh
# Asks the model one question, with nothing but curl.
set -eu
curl --fail-with-body --silent --show-error "$LLM_URL/chat/completions" \
  ${LLM_API_KEY:+--header "Authorization: Bearer $LLM_API_KEY"} \
  --header 'Content-Type: application/json' \
  --data "{\"model\": \"$LLM_MODEL\", \"messages\": [{\"role\": \"user\", \"content\": \"What is Hearth?\"}]}"
