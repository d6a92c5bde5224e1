#!/bin/sh
# Installs the Debian packages named as arguments, those that are missing, without letting any of them start a daemon.
# usage: install.sh clamav-daemon clamav-testfiles ...
set -eu
missing=''
for package in "$@"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done

# the user that the servers of these tests run as, where they could run as root
[ "$(id -u)" != 0 ] || id mkreal >/dev/null 2>&1 || useradd -r -M -s /usr/sbin/nologin mkreal

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "install.sh: missing$missing, and only root can install them" >&2
  exit 1
fi

# one at a time: several suites may ask at once
exec 9>/tmp/mailkeep-install.lock
flock 9

policy=/usr/sbin/policy-rc.d
kept=''
if [ -e "$policy" ]; then
  kept=$(mktemp)
  cp -p "$policy" "$kept"
fi
restore() {
  if [ -n "$kept" ]; then mv -f "$kept" "$policy"; else rm -f "$policy"; fi
}
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing >/dev/null
