#!/bin/sh
# Prints daemon/render/phrase_table.c, made from the phrase model: generate.sh [MODEL.json].
# Needed only when the model changes, since what it prints is kept with the sources.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
model=${1:-$here/ja_model.json}

# Which characters each feature looks at: the first one relative to the boundary, and how
# many. A model with any other feature is refused.
jq -r --arg name "${model##*/}" '
	def features: [
		["UW1", -3, 1], ["UW2", -2, 1], ["UW3", -1, 1],
		["UW4", 0, 1], ["UW5", 1, 1], ["UW6", 2, 1],
		["BW1", -2, 2], ["BW2", -1, 2], ["BW3", 0, 2],
		["TW1", -3, 3], ["TW2", -2, 3], ["TW3", -1, 3], ["TW4", 0, 3]
	];
	def fits: . == floor and . >= -32768 and . <= 32767;
	def quoted: gsub("\\\\"; "\\\\") | gsub("\""; "\\\"");
	def entries($length):
		to_entries
		| map(.codes = (.key | explode))
		| if any(.[]; (.codes | length) != $length or any(.codes[]; . > 65535)
			or (.value | fits | not))
		  then error("a feature of another shape") else . end
		| sort_by(.codes);
	def rows($size):
		range(0; length; $size) as $at
		| "\t" + (.[$at:$at + $size] | join(" "));

	. as $model
	| if (keys - (features | map(.[0]))) != [] then error("an unknown feature") else . end
	| [features[] | . as [$feature, $first, $length]
		| {feature: $feature, first: $first, length: $length,
		   entries: (($model[$feature] // {}) | entries($length))}]
	| . as $all
	| (map(.entries[].value) | add) as $sum
	| "/*",
	  " * Made by assets/phrase/generate.sh from \($name): do not edit. The weights are those",
	  " * of BudouX, copyright 2021 Google LLC, Apache License 2.0: see assets/phrase.",
	  " */",
	  "#include \"render/phrase_table.h\"",
	  "",
	  "/* clang-format off */",
	  "static const struct phrase_weight weights[] = {",
	  (.[] | "\t/* \(.feature) */",
		([.entries[] | "{u\"\(.key | quoted)\", \(.value)},"] | rows(4))),
	  "};",
	  "",
	  "const struct phrase_table phrase_table = {",
	  "\t.base = \(- $sum),",
	  "\t.features = {",
	  (foreach .[] as $f (0; . + ($f.entries | length);
		"\t\t{weights + \(. - ($f.entries | length)), \($f.entries | length), \($f.first), \($f.length)}, /* \($f.feature) */")),
	  "\t},",
	  "};",
	  "/* clang-format on */"
' "$model"
