# Rounds in, the whole report out: medians per entrant, and ratios taken round by round (neighbours in time) before their median.
# Input: nothing. Arguments: $machine, $options; slurped files $scenarios, $rounds, $invalid.

def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def figures: ["rate", "cpu", "p50", "p99", "rss", "busy", "startRss", "perConnection", "startMillis"];

# The median over rounds of entrant's figure to base's, of the rounds that both have.
def ratio($rounds; $entrant; $base; $figure):
  [ $rounds[] | select(.entrant == $entrant and .[$figure] != null) as $one
    | $one | .round as $round
    | ($rounds[] | select(.entrant == $base and .round == $round and (.[$figure] // 0) != 0)) as $other
    | $one[$figure] / $other[$figure] ] | median;

def comparison($rounds):
  split(" ") as [$entrant, $base, $figure, $goal]
  | (if $base == "-" then [$rounds[] | select(.entrant == $entrant) | .[$figure] | values] | median
     else ratio($rounds; $entrant; $base; $figure) end) as $value
  | select($value != null)
  | { entrant: $entrant, base: (if $base == "-" then null else $base end), figure: $figure, value: $value }
    + if $goal == null then {} else { goal: ($goal | tonumber), met: (if $figure == "rate" then $value >= ($goal | tonumber) else $value <= ($goal | tonumber) end) } end;

{
  machine: $machine,
  options: $options,
  scenarios: [
    $scenarios[] | . as $scenario
    | [ $rounds[] | select(.scenario == $scenario.name) ] as $mine
    | (reduce $mine[].entrant as $entrant ([]; if index($entrant) then . else . + [$entrant] end)) as $entrants
    | {
        name, title, kind,
        invalid: [ $invalid[] | select(.scenario == $scenario.name) | { entrant, reason } ],
        base: $entrants[0],
        entrants: [
          $entrants[] | . as $entrant
          | [ $mine[] | select(.entrant == $entrant) ] as $own
          | {
              name: $entrant,
              median: (reduce figures[] as $figure ({}; ([$own[] | .[$figure] | values] | median) as $value
                | if $value == null then . else .[$figure] = $value end)),
              ratio: (reduce figures[] as $figure ({}; ratio($mine; $entrant; $entrants[0]; $figure) as $value
                | if $value == null then . else .[$figure] = $value end)),
              rounds: [ $own[] | del(.scenario, .entrant) ]
            }
        ],
        comparisons: [ $scenario.compare[] | comparison($mine) ]
      }
  ]
}
