# shellcheck shell=bash
# The Azure CLI as the scripts here call it: its least version, and what differs on Windows. Sourced, never run.

# First release that deploys with --validation-level, and first compiler that knows @onlyIfNotExists.
least_az=2.76.0
least_bicep=0.38.0

# On Windows az ends its lines with CR and LF, and Git Bash rewrites arguments that begin with a slash, as resource ids do.
az() {
  MSYS_NO_PATHCONV=1 command az "$@" | tr -d '\r'
}

# A path as az takes it: Git Bash's own form (/c/...) is not rewritten any more.
native() {
  if command -v cygpath >/dev/null; then cygpath --mixed "$1"; else printf '%s\n' "$1"; fi
}

# @param $1 version; $2 least version
at_least() {
  awk -v have="$1" -v least="$2" 'BEGIN {
    split(have, h, "."); split(least, l, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != l[i] + 0) exit (h[i] + 0 < l[i] + 0)
  }'
}

# Both end the script with one sentence when the tool is missing or too old.
check_az() {
  local version
  if ! type -P az >/dev/null; then
    echo 'The Azure CLI (az) is not installed: https://aka.ms/azure-cli' >&2
    exit 1
  fi
  version="$(az version --query '"azure-cli"' --output tsv)"
  if ! at_least "${version}" "${least_az}"; then
    echo "The Azure CLI is ${version}, and ${least_az} is the least: run \"az upgrade\"; packages of a Linux distribution are often old." >&2
    exit 1
  fi
}

bicep_version() {
  az bicep version 2>/dev/null | grep -o '[0-9][0-9.]*' | head -n 1 || true
}

# az would bring the compiler at its first use as well, and a pipeline's task begins without one each time.
check_bicep() {
  local version
  version="$(bicep_version)"
  if [[ -z "${version}" ]] && az bicep install >&2; then version="$(bicep_version)"; fi
  if [[ -z "${version}" ]]; then
    echo 'Bicep is not installed, and "az bicep install" did not install it.' >&2
    exit 1
  fi
  if ! at_least "${version}" "${least_bicep}"; then
    echo "Bicep is ${version}, and ${least_bicep} is the least: run \"az bicep upgrade\"." >&2
    exit 1
  fi
}

# Sets the endpoint of Microsoft Graph that call() uses, unless it is set already.
find_graph() {
  [[ -n "${graph}" ]] || graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)"
  graph="${graph%/}"
}

# @param $1 method; $2 path after the version; more options of az rest follow
call() {
  local method="$1" path="$2"
  shift 2
  az rest --only-show-errors --resource "${graph}" --method "${method}" --uri "${graph}/v1.0/${path}" "$@"
}

json() {
  local text="${1//\\/\\\\}"
  printf '"%s"' "${text//\"/\\\"}"
}
