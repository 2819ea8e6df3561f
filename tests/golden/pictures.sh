#!/bin/sh
# Refreshes docs/images from what is drawn now: pictures.sh [FOLDER], where FOLDER has the
# program "golden" (./ekimae test golden builds it into build/dev/bin).
set -eu
cd "$(dirname "$0")/../.."
golden=${1:-build/dev/bin}/golden
[ -x "$golden" ] || {
	echo "pictures.sh: $golden is missing: run ./ekimae test golden" >&2
	exit 1
}
images=docs/images
mkdir -p "$images"

"$golden" picture initiative/4 1920x1080 light 1 "$images/slide.png"
"$golden" picture plan/stages 1920x1080 light 2 "$images/stages.png"
"$golden" picture initiative/20 1920x1080 dark 2 "$images/roadmap-night.png"
"$golden" picture initiative/1/p2 1920x1080 light 2 "$images/english.png"
"$golden" sheet 1920x1080 light "$images/contact-sheet.png"
"$golden" sheet 1080x1920 dark "$images/contact-sheet-upright-night.png"
ls -l "$images"
