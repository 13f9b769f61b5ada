#!/usr/bin/env bash
# Deploys everything with the Azure CLI, the same way for a person and for a pipeline: resources, registration, package,
# a look at /health, and the package before when that look fails.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
usage: deploy.sh --parameters FILE [--package ZIP] [--what-if]
  --parameters FILE   infra/main.bicepparam, infra/main.usgov.bicepparam, or your own
  --package ZIP       package to deploy; without one only the resources are deployed
  --what-if           show what would change and change nothing
environment: AZURE_LOCATION, AZURE_ENV_NAME, and the other variables that the parameter file reads; those that it reads
without a default must be set each time. AZURE_RESOURCE_GROUP where the file deploys into a resource group that is there.
Where this script makes the registration also GRANT_ADMIN_CONSENT (true), REGISTRATION_OWNERS (object ids, with commas
between them), GRAPH_ENDPOINT, and REGISTRATION_OPTIONS, more options of registration.sh, split at blanks, so no value
may have one
TEXT
  exit 2
}

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=infra/scripts/azureCli.sh
source "${here}/azureCli.sh"

parameters='' package='' what_if=false
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
    *) usage ;;
  esac
  shift 2
done
[[ -f "${parameters}" ]] || usage
[[ -z "${package}" || -f "${package}" ]] || { echo "There is no package ${package}." >&2 && exit 1; }

file="$(native "${parameters}")"

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

# A template says when its scope is a subscription; what says nothing goes into a resource group.
template="$(dirname "${parameters}")/$(sed -n "s/^using '\([^']*\)'.*/\1/p" "${parameters}" | head -n 1)"
level=group place=()
if [[ -f "${template}" ]] && grep -q "^targetScope *= *'subscription'" "${template}"; then level=sub; fi
if [[ "${level}" == group ]]; then
  if [[ -z "${AZURE_RESOURCE_GROUP:-}" ]]; then missing+=' AZURE_RESOURCE_GROUP'; fi
  place=(--resource-group "${AZURE_RESOURCE_GROUP:-}")
fi
if [[ -n "${missing}" ]]; then
  echo "Not set, and ${parameters} has no default:${missing}" >&2
  exit 1
fi

check_az
check_bicep

# A pipeline's sign-in can ask for a token in its first minutes only (AADSTS700024), and what follows takes longer. The one
# for Azure itself is there already; az keeps both.
if [[ -n "${package}" && "${what_if}" == false ]]; then
  az account get-access-token --resource https://storage.azure.com/ --output none ||
    echo 'Warning: there is no token for the storage account.' >&2
fi

# Made here only where the template makes none, which its optional ENTRA_CLIENT_ID tells, and nobody else has made it.
registration=()
if [[ -z "${ENTRA_CLIENT_ID:-}" ]] && variables_read ", *''" | grep -x ENTRA_CLIENT_ID >/dev/null; then
  # One tenant can have several subscriptions, and a subscription several groups, each with an installation of this name.
  subscription="$(az account show --query id --output tsv)"
  unique_name="micetro-sign-in-${AZURE_ENV_NAME}-${subscription}"
  if [[ "${level}" == group ]]; then unique_name+="-$(cksum <<<"${AZURE_RESOURCE_GROUP}" | cut -d ' ' -f 1)"; fi
  registration=("${here}/registration.sh" --unique-name "${unique_name}")
  if [[ "${GRANT_ADMIN_CONSENT:-true}" == true ]]; then registration+=(--grant-admin-consent); fi
  owners="${REGISTRATION_OWNERS:-}"
  for owner in ${owners//,/ }; do registration+=(--owner "${owner}"); done
  read -r -a options <<<"${REGISTRATION_OPTIONS:-}"
  registration+=(${options[@]+"${options[@]}"})
  if [[ -n "${GRAPH_ENDPOINT:-}" ]]; then registration+=(--graph-endpoint "${GRAPH_ENDPOINT}"); fi
fi

name="micetro-sign-in-${AZURE_ENV_NAME}"
wanted=(appUrl centralCallbackUrl centralSite centralUrl clientId credentialInUse identityPrincipalId plan probeUrl
  redirectUri resourceGroupName site storageName vaultName)

# What the last deployment put out, one line for each output.
read_outputs() {
  local output query=''
  for output in "${wanted[@]}"; do query+="${query:+, }${output}: ${output}.value"; done
  az deployment "${level}" show ${place[@]+"${place[@]}"} --name "${name}" --query "properties.outputs.{${query}}" --output json
}
output() {
  sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" <<<"${outputs}"
}

# Nothing where there was no deployment before.
outputs="$(read_outputs 2>/dev/null || true)"

if [[ -z "${CENTRAL_CALLBACK_URL:-}" ]] && variables_read '' | grep -x CENTRAL_CALLBACK_URL >/dev/null; then
  lost="$(output centralCallbackUrl)"
  if [[ -n "${lost}" ]]; then
    echo "Warning: CENTRAL_CALLBACK_URL is not set. That takes away ${lost}, and sign-ins that Central starts fail." >&2
  fi
fi

# A warning and no more: the list has left regions out before, and Azure itself refuses a region that is really wrong.
if ! grep -v '^ *//' "${parameters}" | grep -q "plan: *'[^F]"; then
  regions="$(az functionapp list-flexconsumption-locations --query '[].name' --output tsv 2>/dev/null | tr '[:upper:]' '[:lower:]' | tr -d ' ' || true)"
  region="$(tr '[:upper:]' '[:lower:]' <<<"${AZURE_LOCATION}" | tr -d ' ')"
  if [[ -n "${regions}" ]] && ! grep -qx "${region}" <<<"${regions}"; then
    echo "Warning: Azure does not list Flex Consumption (FC1) for ${AZURE_LOCATION}. If the deployment is refused, choose another region or hosting on EP1." >&2
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
  if [[ "${level}" == sub ]]; then place=(--location "${AZURE_LOCATION}"); fi
  # Rights to write are not looked at, so that an identity that only reads can do this. Not by way of az(), whose pipe would
  # take the colours away.
  MSYS_NO_PATHCONV=1 command az deployment "${level}" what-if "${place[@]}" --parameters "${file}" \
    --validation-level ProviderNoRbac
  exit 0
fi

if ((${#registration[@]} > 0)); then
  ENTRA_CLIENT_ID="$("${registration[@]}")"
  export ENTRA_CLIENT_ID
fi
if [[ -z "${AZURE_PRINCIPAL_ID:-}" ]]; then
  # Fails for a pipeline, which sets the variable itself.
  AZURE_PRINCIPAL_ID="$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)"
  export AZURE_PRINCIPAL_ID
fi

# Prints the status and the id of the build that answers. 200: well, but with Retry-After it began a moment ago and does not
# know yet, which is printed as `unknown`.
# 503 in the application's own words: it runs, and something that it needs does not. Anything else, and the platform's own
# 503, which lacks the header: it does not run.
# @param $1 address of the application; empty: there is none yet
health() {
  local head
  if [[ -z "$1" ]]; then
    echo down
    return
  fi
  head="$(curl --silent --max-time 30 --output /dev/null --dump-header - "$1/health" | tr -d '\r' || true)"
  awk '
    toupper($1) ~ /^HTTP/ { status = $2; own = 0; again = 0; build = "" }
    tolower($1) == "x-content-type-options:" { own = 1 }
    tolower($1) == "retry-after:" { again = 1 }
    tolower($1) == "x-build-id:" { build = $2 }
    END { if (status == "" || (status == 503 && !own)) status = "down"; if (status == 200 && again) status = "unknown"; print status, build }
  ' <<<"${head}"
}

# The address that Azure gives. The one that users know needs a DNS record and a certificate, which come later and can fail
# without any fault of a package.
probe_address() {
  local address
  address="$(output probeUrl)"
  echo "${address:-$(output appUrl)}"
}

folder="$(mktemp -d)"
trap 'rm -rf "${folder}"' EXIT
good='last-good.zip'
previous=''

blobs() {
  local verb="$1"
  shift
  az storage blob "${verb}" --auth-mode login --account-name "${storage}" --container-name packages "$@"
}

# Before the resources change, for new settings and network rules can do harm as well as a new package.
before=down
storage=''
if [[ -n "${package}" ]]; then
  for attempt in {1..5}; do
    read -r before _ < <(health "$(probe_address)")
    if [[ "${before}" != unknown ]]; then break; fi
    sleep "${wait_seconds}"
  done
  storage="$(output storageName)"
  if [[ -n "${storage}" ]]; then
    if ! kept="$(blobs exists --name "${good}" --query exists --output tsv)"; then
      echo "Warning: the storage account ${storage} cannot be read from here, so there will be no package to go back to." >&2
    elif [[ "${kept}" != true ]]; then
      echo 'No package is kept yet, so there will be none to go back to.' >&2
    elif blobs download --name "${good}" --file "$(native "${folder}")/${good}" --output none; then
      previous="${folder}/${good}"
    fi
  fi
fi

where=(${place[@]+"${place[@]}"})
if [[ "${level}" == sub ]]; then where=(--location "${AZURE_LOCATION}"); fi
az deployment "${level}" create --name "${name}" "${where[@]}" --parameters "${file}" --output none

outputs="$(read_outputs)"
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
probe_url="$(probe_address)"
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

# Runs a step again: when it is refused (403) for ten minutes, because a new role assignment is not in force everywhere at
# once; otherwise three times. Called in conditions, where a failure does not end the script.
patiently() {
  local refused=0 failed=0 log="${folder}/errors"
  until { "$@" 2>&1 >&3 | tee "${log}" >&2; } 3>&1; do
    if grep -qi 'network rules' "${log}"; then return 1; fi
    if grep -qiE 'AuthorizationPermissionMismatch|AuthorizationFailed|required permissions|Forbidden|\(403\)|status code 403' "${log}"; then
      refused=$((refused + 1))
      if ((refused > 60)); then return 1; fi
      echo "Refused, perhaps because a role is new (${refused}); trying again." >&2
      sleep "${wait_seconds}"
    else
      failed=$((failed + 1))
      if ((failed == 3)); then return 1; fi
      echo "Attempt ${failed} failed; trying again." >&2
      sleep "$((wait_seconds * failed))"
    fi
  done
}

publish_to() {
  local app="$1" container="$2" zip="$3"
  if [[ "${plan}" == FC1 ]]; then
    az functionapp deployment source config-zip --resource-group "${group}" --name "${app}" --src "${zip}" --output none
    return $?
  fi
  az storage blob upload --auth-mode login --account-name "${storage}" --container-name "${container}" \
    --name app.zip --file "${zip}" --overwrite --output none &&
    az functionapp restart --resource-group "${group}" --name "${app}" --output none
}

publish() {
  local zip
  zip="$(native "$1")"
  patiently publish_to "${site}" packages "${zip}" &&
    { [[ -z "${central_site}" ]] || patiently publish_to "${central_site}" packages-central "${zip}"; }
}

# The name of a file in the package, which a zip holds as it is; nothing in a package of earlier days.
build_of() {
  LC_ALL=C grep -a -o 'build-[0-9a-f]\{12,40\}\(-[0-9a-f]\{12\}\)\{0,1\}' "$1" | head -n 1 | cut -d - -f 2- || true
}

# Only an answer of the build that was deployed counts: the one before may go on answering for a while.
# @param $1 package
well() {
  local build attempt now answering
  build="$(build_of "$1")"
  for attempt in {1..30}; do
    read -r now answering < <(health "${probe_url}")
    if [[ -n "${build}" && "${now}" != down && "${answering}" != "${build}" ]]; then
      now="${now}, but not from the new build"
    fi
    if [[ "${now}" == 200 ]]; then return 0; fi
    # A deployment is not to blame for a Micetro that was out of reach already.
    if [[ "${now}" == 503 && "${before}" != 200 ]]; then
      echo "/health answers 503, and was not well before: see ${probe_url}/health for what is missing." >&2
      return 0
    fi
    echo "/health: ${now} (${attempt})" >&2
    sleep "${wait_seconds}"
  done
  return 1
}

# Other plans than FC1 learn of a changed function that way. Not before the application is well, because a host that starts
# refuses it; and it is no fault of a package when it fails.
sync_triggers() {
  local app="$1" id
  { id="$(az functionapp show --resource-group "${group}" --name "${app}" --query id --output tsv)" &&
    az resource invoke-action --action syncfunctiontriggers --ids "${id}" --output none; } ||
    echo "Warning: the triggers of ${app} were not synchronised. Restart it if its timer does not run." >&2
}

# Of what follows a package that is well, nothing sends it back.
finish() {
  local now build line
  # People get in without Graph and, for some hours, without the vault; who deploys should hear of it.
  while read -r line; do
    echo "Warning: /health says ${line}" >&2
  done < <(curl --silent --max-time 30 "${probe_url}/health" | grep -vE ': (ok|not configured, .*)$|^build: ' || true)
  if [[ "${plan}" != FC1 ]]; then
    sync_triggers "${site}"
    if [[ -n "${central_site}" ]]; then sync_triggers "${central_site}"; fi
  fi
  if [[ "${app_url}" != "${probe_url}" ]]; then
    read -r now build < <(health "${app_url}")
    if [[ "${now}" == down || -z "${build}" ]]; then
      echo "Warning: ${app_url} does not lead to the application yet. Look at its DNS record and its certificate." >&2
    fi
  fi
  echo "Deployed: ${app_url}"
  if [[ -z "${AZURE_PRINCIPAL_ID}" ]]; then
    echo 'Warning: AZURE_PRINCIPAL_ID is not set, so the package is not kept to go back to.' >&2
  elif ! patiently blobs upload --name "${good}" --file "$(native "${package}")" --overwrite --output none; then
    echo "Warning: the package could not be kept in ${storage} to go back to." >&2
  fi
}

if [[ -n "${package}" ]]; then
  if publish "${package}" && well "${package}"; then
    finish
  elif [[ -n "${previous}" ]]; then
    echo 'The new package is not well: going back to the one before.' >&2
    if publish "${previous}" && well "${previous}"; then
      echo 'The package before is in place again.' >&2
    else
      echo 'The package before is not well either.' >&2
    fi
    exit 1
  else
    echo 'The new package is not well, and there is none to go back to.' >&2
    exit 1
  fi
fi
