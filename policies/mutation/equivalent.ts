/**
 * Mutants that decide as the rule does on every request that an API server can send, and why. A reason is looked at as an example
 * would be: whoever adds one says what makes the two the same.
 */
export const EQUIVALENT: readonly {
  /** A rule's id. */
  readonly rule: string;
  /** What was changed: `validations[2]`. */
  readonly place: RegExp;
  /** Over `<change>: <text>` of the mutant. */
  readonly text: RegExp;
  readonly why: string;
}[] = [
  {
    rule: "network/declared-flows",
    place: /^variables\.(in|e)gressFlows$/,
    text: /^filter lets all through|^'' changed/,
    why: "an empty line is equal to no peer and port, so that leaving it in changes nothing",
  },
  {
    rule: "network/declared-flows",
    place: /^variables\.(in|e)gress$/,
    text: /^(any|\*) changed/,
    why: "the word stands for what no flow can declare, and any other word that none declares does the same",
  },
  {
    rule: "network/declared-flows",
    place: /^variables\.(in|e)gress$/,
    text: /^condition always true: .*: "any"\) : "own"\)|^has\(\) is true: .*\(true \? "own"/s,
    why: "the API server takes no peer that has none of ipBlock, namespaceSelector and podSelector",
  },
  {
    rule: "network/declared-flows",
    place: /^variables\.(in|e)gress$/,
    text: /^operand 2 of _&&_ dropped: .*\(has\(q\.port\) && !\(has\(q\.endPort\)\)\)/s,
    why: "a port by its name becomes 'TCP/https' instead of '*', and flows declare numbers only",
  },
  {
    rule: "network/declared-flows",
    place: /^variables\.undeclared(In|E)gress$/,
    text: /^operand 1 of _&&_ dropped: .*\(l\.endsWith\(" \*"\)\)\)? ?&& cidr\(|&& cidr\(l\.substring\(5, l\.indexOf\(" "\)\)\)|isCIDR\(p\.substring\(6\)\)/s,
    why: "the API server takes no ipBlock whose cidr is none, with its first digit or without",
  },
  {
    rule: "network/declared-flows",
    place: /^variables\.undeclared(In|E)gress$/,
    text: /\.map\(q, (q|\(p \+ " "\)|\(\(p \+ " x"\) \+ q\))\)\)\)$/,
    why: "only the text of the refusal: what is undeclared is counted, and named in the message",
  },
  ...["network/no-ingress", "network/no-load-balancer"].map((rule) => ({
    rule,
    place: /^variables\.gateway$/,
    text: /^(operand [12] of _&&_ dropped|_&&_ is _\|\|_|has\(\) is true)/,
    why: "Ingresses and Services lie in a namespace, and the API server labels every namespace with its name",
  })),
  {
    rule: "network/no-node-port",
    place: /^variables\.type$/,
    text: /^ClusterIP changed/,
    why: "any word but NodePort and LoadBalancer does the same",
  },
  {
    rule: "network/no-node-port",
    place: /^variables\.nodePorts$/,
    text: /^condition always true|^has\(\) is true/,
    why: "a Service without ports is headless or an external name, and for these types the other operand decides",
  },
  {
    rule: "network/no-node-port",
    place: /^validations\[2\]$/,
    text: /^(operand [12] of _\|\|_ dropped|_\|\|_ is _&&_|variables\.withoutNodePorts not used)/,
    why: "what makes the difference here is refused by one of the two validations before it",
  },
  {
    rule: "pod-security/no-host-ports",
    place: /^variables\.containers$/,
    text: /^(operand 2 of _\+_ dropped|condition always false|has\(\) is false|field ephemeralContainers misspelt)/,
    why: "the API server takes no ports of an ephemeral container",
  },
  {
    rule: "pod-security/seccomp-profile",
    place: /^variables\.podFilters$/,
    text: /^operand 2 of _&&_ dropped/,
    why: "a pod whose own profile does not filter is refused by the second validation",
  },
  ...[
    "identity/groups-not-persons",
    "rbac/no-anonymous-binding",
    "rbac/no-cluster-admin-binding",
    "rbac/no-foreign-subjects",
  ].map((rule) => ({
    rule,
    place: /^matchConditions\.rights-change$/,
    text: /^operand 2 of _\|\|_ dropped/,
    why: "the API server lets nobody change the roleRef of a binding",
  })),
  ...[
    "identity/groups-not-persons",
    "rbac/no-anonymous-binding",
    "rbac/no-escalation",
    "rbac/no-foreign-subjects",
    "rbac/no-wildcard",
  ].map((rule) => ({
    rule,
    place: /^matchConditions\.rights-change$/,
    text: /^operand 1 of _\|\|_ dropped/,
    why: "a new object whose list is empty equals no old one, and passes the rule anyway",
  })),
  {
    rule: "rbac/no-anonymous-binding",
    place: /^variables\.everybody$/,
    text: /^operand 1 of _&&_ dropped/,
    why: "the API server takes no service account of these names",
  },
  {
    rule: "rbac/no-foreign-subjects",
    place: /^variables\.foreign$/,
    text: /^operand 1 of _&&_ dropped: .*\? \(\(s\.namespace != request\.namespace\)|^has\(\) is true: .*\(\(true && \(s\.namespace/s,
    why: "the API server takes no service account without its namespace",
  },
  ...["rbac/no-escalation", "rbac/no-wildcard"].flatMap((rule) => [
    {
      rule,
      place: /^variables\.rules$/,
      text: /^operand 2 of _&&_ dropped/,
      why: "the engine leaves fields out that are null, which the API server shows for the rules of a role that has none",
    },
    {
      rule,
      place: /^validations\[0\]$/,
      text: /^operand 1 of _&&_ dropped|^has\(\) is true/,
      why: "the API server takes no rule without verbs",
    },
  ]),
  {
    rule: "supply-chain/allowed-registries",
    place: /^variables\.prefixes$/,
    text: /^(condition always true|_&&_ is _\|\|_|operand [12] of _&&_ dropped|has\(\) is true)/,
    why: "without prefixes every image is refused, and so is what cannot be evaluated",
  },
  ...["supply-chain/allowed-registries", "supply-chain/image-by-digest"].map((rule) => ({
    rule,
    place: /^variables\.images$/,
    text: /^(condition always true|has\(\) is true): \(variables\.containers\.map\(c, (c\.image|\(true)|^'' changed/,
    why: "the API server takes no container without image",
  })),
  ...[
    "data/class-of-namespace",
    "tenancy/namespace-labels",
    "tenancy/namespace-name",
    "tenancy/pod-security-enforced",
  ].flatMap((rule) =>
    [/^matchConditions\.labels-change$/, /^variables\.labels$/].map((place) => ({
      rule,
      place,
      text: /^condition always true|^has\(\) is true/,
      why: "the API server labels every namespace with its name",
    })),
  ),
  {
    rule: "data/class-of-namespace",
    place: /^variables\.before$/,
    text: /^operand 2 of _&&_ dropped: \(\(\(oldObject != null\) && \("bhitti|^has\(\) is true/,
    why: "the API server labels every namespace with its name",
  },
  {
    rule: "data/class-of-namespace",
    place: /^variables\.(before|rank)$/,
    text: /^'' changed|^3 changed/,
    why: "any word that is no class has no rank, and the highest rank may be any number above the others",
  },
  {
    rule: "workload/no-default-token",
    place: /^validations\[1\]$/,
    text: /^operand 2 of _\|\|_ dropped: \(\(size\(variables\.tokenVolumes\) == 0\) \|\| !\(has/,
    why: "where the token is mounted by itself, the first validation refuses",
  },
  {
    rule: "workload/no-default-token",
    place: /^variables\.tokenVolumes$/,
    text: /^(operand 2 of _&&_ dropped|has\(\) is true): .*\(has\(v\.projected\) && (true\) && )?v\.projected\.sources\.exists/,
    why: "the API server shows a projected volume's sources as null where it has none, so that they are always there",
  },
];
