#!/usr/bin/env bash
# Deploys everything with the Azure CLI, the same way for a person and for a pipeline: resources, registration, package,
# a look at /health, and the package before when that look fails.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
usage: deploy.sh --parameters FILE [--package ZIP] [--previous ZIP] [--what-if]
  --parameters FILE   infra/main.bicepparam, infra/main.usgov.bicepparam, or your own
  --package ZIP       package to deploy; without one only the resources are deployed
  --previous ZIP      package that takes its place when /health is not well afterwards; need not exist
  --what-if           show what would change and change nothing
environment: AZURE_LOCATION, AZURE_ENV_NAME, and the other variables that the parameter file reads; those that it reads
without a default must be set each time. Where this script makes the registration also GRANT_ADMIN_CONSENT (true),
GRAPH_ENDPOINT, and REGISTRATION_OPTIONS, more options of registration.sh, split at blanks, so no value may have one
TEXT
  exit 2
}

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
parameters='' package='' previous='' what_if=false
while (($# > 0)); do
  if [[ "$1" == --what-if ]]; then
    what_if=true
    shift
    continue
  fi
  (($# > 1)) || usage
  case "$1" in
    --parameters) parameters="$2" ;;
    --package) package="$2" ;;
    --previous) previous="$2" ;;
    *) usage ;;
  esac
  shift 2
done
[[ -f "${parameters}" ]] || usage
[[ -z "${package}" || -f "${package}" ]] || { echo "There is no package ${package}." >&2 && exit 1; }

export AZURE_ENV_NAME="${AZURE_ENV_NAME:-micetro-sign-in}"
: "${AZURE_LOCATION:?AZURE_LOCATION is not set}"
export AZURE_LOCATION
wait_seconds="${DEPLOY_WAIT_SECONDS:-10}"

# @param $1 what follows the name of a variable that the parameter file reads
variables_read() {
  { grep -v '^ *//' "${parameters}" | grep -o "readEnvironmentVariable('[A-Za-z0-9_]*'$1" || true; } | cut -d "'" -f 2
}

# A pipeline sets a variable that nobody defined to nothing; the defaults of the parameter file are for unset ones.
for variable in $(variables_read ''); do
  if [[ -z "${!variable:-}" ]]; then unset "${variable}"; fi
done
missing=''
for variable in $(variables_read ')'); do
  if [[ -z "${!variable:-}" ]]; then missing+=" ${variable}"; fi
done
if [[ -n "${missing}" ]]; then
  echo "Not set, and ${parameters} has no default:${missing}" >&2
  exit 1
fi

# A template without the Graph extension, and an empty default for ENTRA_CLIENT_ID: the registration is made here, unless
# another team made it and gave its id.
registration=()
if grep -q "^using '.*main\.registered\.bicep'" "${parameters}" && [[ -z "${ENTRA_CLIENT_ID:-}" ]] &&
  variables_read ", ''" | grep -x ENTRA_CLIENT_ID >/dev/null; then
  registration=("${here}/registration.sh" --unique-name "micetro-sign-in-${AZURE_ENV_NAME}")
  if [[ "${GRANT_ADMIN_CONSENT:-true}" == true ]]; then registration+=(--grant-admin-consent); fi
  read -r -a options <<<"${REGISTRATION_OPTIONS:-}"
  registration+=(${options[@]+"${options[@]}"})
  if [[ -n "${GRAPH_ENDPOINT:-}" ]]; then registration+=(--graph-endpoint "${GRAPH_ENDPOINT}"); fi
fi

name="micetro-sign-in-${AZURE_ENV_NAME}"
output() {
  az deployment sub show --name "${name}" --query "properties.outputs.$1.value" --output tsv
}

# What the deployment before put out; nothing where there was none.
earlier() {
  output "$1" 2>/dev/null || true
}

if [[ -z "${CENTRAL_CALLBACK_URL:-}" ]] && variables_read '' | grep -x CENTRAL_CALLBACK_URL >/dev/null; then
  lost="$(earlier centralCallbackUrl)"
  if [[ -n "${lost}" ]]; then
    echo "Warning: CENTRAL_CALLBACK_URL is not set. That takes away ${lost}, and sign-ins that Central starts fail." >&2
  fi
fi

if [[ "${what_if}" == true ]]; then
  if ((${#registration[@]} > 0)); then
    ENTRA_CLIENT_ID="$("${registration[@]}" --find || true)"
    if [[ -z "${ENTRA_CLIENT_ID}" ]]; then
      ENTRA_CLIENT_ID='00000000-0000-0000-0000-000000000000'
      echo 'No registration was found: the zeros in ENTRA_CLIENT_ID stand for the one that the deployment makes.' >&2
    fi
    export ENTRA_CLIENT_ID
  fi
  # Rights to write are not looked at, so that an identity that only reads can do this.
  az deployment sub what-if --location "${AZURE_LOCATION}" --parameters "${parameters}" --validation-level ProviderNoRbac
  exit 0
fi

if ((${#registration[@]} > 0)); then
  ENTRA_CLIENT_ID="$("${registration[@]}")"
  export ENTRA_CLIENT_ID
fi
if [[ -z "${AZURE_PRINCIPAL_ID:-}" ]]; then
  # Fails for a pipeline, which sets the variable itself where its plan needs it.
  AZURE_PRINCIPAL_ID="$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)"
  export AZURE_PRINCIPAL_ID
fi

# 200: well. 503 in the application's own words: it runs, and something that it needs does not. Anything else, and the
# platform's own 503, which lacks the header: it does not run.
# @param $1 address of the application; empty: there is none yet
health() {
  local head status
  if [[ -z "$1" ]]; then
    echo down
    return
  fi
  head="$(curl --silent --max-time 30 --output /dev/null --dump-header - "$1/health" || true)"
  status="$(awk 'toupper($1) ~ /^HTTP/ { code = $2 } END { print code }' <<<"${head}")"
  if [[ "${status}" == 503 ]] && ! grep -qi '^x-content-type-options:' <<<"${head}"; then status=down; fi
  echo "${status:-down}"
}

# Before the resources change, for new settings and network rules can do harm as well as a new package.
before=down
if [[ -n "${package}" ]]; then
  app_url="$(earlier appUrl)"
  before="$(health "${app_url}")"
fi

az deployment sub create --name "${name}" --location "${AZURE_LOCATION}" --parameters "${parameters}" --output none

group="$(output resourceGroupName)"
site="$(output site)"
central_site="$(output centralSite)"
plan="$(output plan)"
storage="$(output storageName)"
app_url="$(output appUrl)"
central_url="$(output centralUrl)"
vault="$(output vaultName)"
client_id="$(output clientId)"
identity="$(output identityPrincipalId)"
cat <<TEXT
Resource group:      ${group}
Function app:        ${site}${central_site:+, and for Central ${central_site}}
Address:             ${app_url}
Central posts to:    ${central_url}
Vault:               ${vault}
Client id:           ${client_id}
Identity, object id: ${identity}
TEXT

if ((${#registration[@]} > 0)); then
  redirect_uri="$(output redirectUri)"
  central_callback="$(output centralCallbackUrl)"
  credential="$(output credentialInUse)"
  registration+=(--redirect-uri "${redirect_uri}")
  if [[ -n "${central_callback}" ]]; then registration+=(--redirect-uri "${central_callback}"); fi
  if [[ "${credential}" == managed-identity ]]; then
    registration+=(--identity-principal-id "${identity}")
  fi
  "${registration[@]}" >/dev/null
fi

# Called in conditions, where a failure does not end the script: each step hangs on the one before.
publish_to() {
  local app="$1" container="$2" zip="$3" id
  if [[ "${plan}" == FC1 ]]; then
    az functionapp deployment source config-zip --resource-group "${group}" --name "${app}" --src "${zip}" --output none
    return $?
  fi
  az storage blob upload --auth-mode login --account-name "${storage}" --container-name "${container}" \
    --name app.zip --file "${zip}" --overwrite --output none &&
    az functionapp restart --resource-group "${group}" --name "${app}" --output none &&
    id="$(az functionapp show --resource-group "${group}" --name "${app}" --query id --output tsv)" &&
      az resource invoke-action --action syncfunctiontriggers --ids "${id}" --output none
}

# A role assignment of a minute ago may not be in force everywhere yet.
publish() {
  local zip="$1" attempt
  for attempt in 1 2 3; do
    if publish_to "${site}" packages "${zip}" &&
      { [[ -z "${central_site}" ]] || publish_to "${central_site}" packages-central "${zip}"; }; then
      return 0
    fi
    echo "Attempt ${attempt} to deploy the package failed." >&2
    sleep "$((wait_seconds * attempt))"
  done
  return 1
}

# @param $1 what /health said before: a deployment is not to blame for a Micetro that was out of reach already
well() {
  local before="$1" now attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
    now="$(health "${app_url}")"
    if [[ "${now}" == 200 ]]; then return 0; fi
    if [[ "${now}" == 503 && "${before}" != 200 ]]; then
      echo "/health answers 503, and was not well before: see ${app_url}/health for what is missing." >&2
      return 0
    fi
    echo "/health: ${now} (${attempt})" >&2
    sleep "${wait_seconds}"
  done
  return 1
}

if [[ -n "${package}" ]]; then
  if publish "${package}" && well "${before}"; then
    echo "Deployed: ${app_url}"
  elif [[ -n "${previous}" && -f "${previous}" ]]; then
    echo 'The new package is not well: going back to the one before.' >&2
    if ! { publish "${previous}" && well "${before}"; }; then echo 'The package before is not well either.' >&2; fi
    exit 1
  else
    echo 'The new package is not well, and there is none to go back to.' >&2
    exit 1
  fi
fi
