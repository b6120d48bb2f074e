# The mean distribution of each label from the pages of query-mean-by-count.json: of every part, which is the flows of one
# label with one number of lengths, the sums of the bins are divided by that number and added up.
# jq -c -s -f mean-by-count.jq page*.json
def shares: .key.count as $count | [to_entries | sort_by(.key)[] | select(.key | test("^b[0-9]")) | .value.value / $count];
[.[].aggregations.part.buckets[] | select(.key.count > 0)]
| group_by(.key.label)[]
| (map(.doc_count) | add) as $flows
| [.[0].key.label, $flows, (map(shares) | transpose | map(add / $flows))]
