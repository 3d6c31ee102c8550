import { entries } from "./entry.ts";

export const deployMessages = entries({
  BH4001: {
    severity: "error",
    text: "cluster '{cluster}' at {server} does not answer: {reason}",
    remedy: "{remedy}",
    explain:
      "The API server's address comes from the kubeconfig and context that clusters.yaml names. Nothing was changed. " +
      "'check' and 'export' need no cluster; 'plan', 'deploy', 'drift' and 'destroy' do.",
  },
  BH4002: {
    severity: "error",
    text: "the kubeconfig '{path}' of cluster '{cluster}' cannot be used: {reason}",
    remedy: "{remedy}",
    explain:
      "clusters.yaml names a kubeconfig and a context for each cluster; credentials stay in that file and never enter " +
      "git, Terraform's configuration or its state.",
  },
  BH4003: {
    severity: "error",
    text: "cluster '{cluster}' refuses {what}: {reason}",
    remedy: "check the rights of the kubeconfig's user",
    explain: "Bhitti acts as the user of the kubeconfig's context and keeps its own records in kube-system.",
  },
  BH4004: {
    severity: "notice",
    text: "cluster '{cluster}' at {server} is adopted: its identity {uid} is remembered",
    explain:
      "The first deploy remembers the UID of the cluster's kube-system namespace. Every later one compares it, so that " +
      "a kubeconfig that points elsewhere never brings one cluster's stacks into another.",
  },
  BH4005: {
    severity: "error",
    text: "cluster '{cluster}' at {server} is not the one that was adopted: its identity is {actual}, remembered is {expected}",
    remedy: "point the context '{context}' at the right cluster; if this one really replaces it, remove {file}",
    explain:
      "The UID of the kube-system namespace identifies a cluster. Terraform's state describes the adopted cluster, and " +
      "would be wrong about every object of another one.",
  },
  BH4006: {
    severity: "notice",
    text: "cluster '{cluster}' at {server} was rebuilt and is adopted anew; {states} of the earlier one set aside in {folder}",
    explain:
      "The environment is disposable and the new cluster belongs to nobody yet. State of the earlier cluster says nothing " +
      "about this one, so it is moved away, not used and not deleted.",
  },
  BH4007: {
    severity: "error",
    text: "cluster '{cluster}' belongs to environment '{actual}', not to '{expected}'",
    remedy: "point the context '{context}' at the right cluster, or destroy environment '{actual}' first",
    explain: "One cluster has one environment: two would prune each other's objects and fight over cluster-wide rules.",
  },
  BH4008: {
    severity: "error",
    text: "cluster '{cluster}' was deployed with the engine '{actual}', not with '{expected}'",
    remedy: "use '--engine {actual}', or destroy the environment with it first",
    explain:
      "Terraform keeps its state in files and server-side-apply its inventories in the cluster. Neither knows what the " +
      "other made, so changing engines on a living cluster would leave objects that nobody prunes.",
  },
  BH4009: {
    severity: "error",
    text: "the record of cluster '{cluster}' in {file} cannot be read: {reason}",
    remedy: "restore it from a backup, or remove it to adopt the cluster anew",
    explain: "The file holds the identity of the adopted cluster as JSON.",
  },
  BH4010: {
    severity: "error",
    text: "the API server refuses {object} of stack '{stack}': {reason}",
    remedy: "correct what the environment says, or the rule that refuses it, and deploy again",
    explain:
      "What was applied before the refusal stays and is in the stack's inventory. Deploying again continues from there.",
  },
  BH4011: {
    severity: "error",
    text: "{object} of stack '{stack}' holds a Terraform reference at {path}, which server-side-apply cannot resolve ({address})",
    remedy: "state the value itself, or deploy with '--engine terraform'",
    explain:
      "Text like ${kubernetes_namespace_v1.x.id} gets its value only while Terraform runs. The engine server-side-apply " +
      "sends the objects themselves, so each value has to be known when they are synthesized.",
  },
  BH4012: {
    severity: "error",
    text: "server-side-apply cannot deploy {address} of stack '{stack}': {reason}",
    remedy: "deploy with '--engine terraform'",
    explain:
      "The engine server-side-apply deploys Kubernetes objects only. Whatever else a stack holds would be left out in " +
      "silence, so it is refused.",
  },
  BH4013: {
    severity: "error",
    text: "{object} of stack '{stack}' has no name ({address})",
    remedy: "give it a metadata.name; generateName makes a new object at each deploy",
    explain: "Applying needs to know which object is meant.",
  },
  BH4014: {
    severity: "error",
    text: "the inventory of stack '{stack}' was changed meanwhile by another deploy",
    remedy: "wait for the other deploy to end, then deploy again",
    explain: "An inventory is written only over the version that was read, so that two deploys cannot lose objects.",
  },
  BH4015: {
    severity: "error",
    text: "{object} is stated by both stack '{other}' and stack '{stack}' ({address})",
    remedy: "state it in one stack",
    explain: "Each stack would undo what the other did, and pruning one would take the object from the other.",
  },
  BH4016: {
    severity: "error",
    text: "stopped at the second interrupt",
    remedy: "deploy again: it continues from what stands",
    explain: "The first interrupt lets running stacks finish; the second stops them between two objects.",
  },
  BH4017: {
    severity: "error",
    text: "{object} of stack '{stack}' is not ready after {seconds} s: it lacks {missing}",
    remedy: "see its status and the logs of kube-controller-manager",
    explain:
      "A namespace has to be Active, a CRD Established and a policy type-checked before what follows relies on it. " +
      "Workloads are not waited for.",
  },
  BH4018: {
    severity: "error",
    text: "{object} was deleted {seconds} s ago and is still there: {reason}",
    remedy: "find out why its finalisers do not end, then run again",
    explain: "What is deleted is waited for, so that a name is free again and nothing is left half removed.",
  },
  BH4019: {
    severity: "error",
    text: "the API server refuses to remove {object}: {reason}",
    remedy: "see which rule refuses, then run again: the object stays in the inventory",
    explain: "An object that could not be removed is kept in the stack's inventory and tried again at the next deploy.",
  },
  BH4020: {
    severity: "warning",
    text: "the API server warns of {object} of stack '{stack}': {text}",
    explain: "Warnings come from the server itself: deprecated fields, or rules in the stage 'warn'.",
  },
  BH4021: {
    severity: "warning",
    text: "the API server would refuse {object} of stack '{stack}' as things stand: {reason}",
    remedy: "correct it, unless the same deploy changes what refuses it",
    explain:
      "A plan tries each object in a dry run against the cluster as it is now, before the deploy changes anything.",
  },
  BH4022: {
    severity: "warning",
    text: "the type checker says of {object} of stack '{stack}' at {field}: {warning}",
    remedy: "correct the expression: where it does not fit a type, it fails on objects of that type",
    explain: "kube-controller-manager checks each policy's CEL against the types of the resources that it matches.",
  },
  BH4023: {
    severity: "warning",
    text: "{object} left the estate but is not removed: its label bhitti.platform/managed-by is '{label}', not 'bhitti'",
    remedy: "remove it by hand if nobody needs it",
    explain:
      "Somebody took the object over by changing its label. Bhitti removes only what still says that it is Bhitti's.",
  },
  BH4024: {
    severity: "warning",
    text: "{object} left the estate but is not removed: stack '{stack}' still states {user} in it",
    remedy: "state the namespace again, or remove the objects in it from the environment",
    explain: "Removing a namespace removes everything in it.",
  },
  BH4025: {
    severity: "notice",
    text: "nothing was deployed to the clusters yet",
    explain: "A cluster that Bhitti deploys to holds a record of the engine and the environment. These hold none.",
  },
  BH4026: {
    severity: "warning",
    text: "cluster '{cluster}' does not let us list {kind} objects, so extra ones would not be found: {reason}",
    remedy: "give the kubeconfig's user the right to list them",
    explain: "What is ours and nothing states is found by listing every kind by the manager's label.",
  },
  BH4027: {
    severity: "error",
    text: "Terraform state of cluster '{cluster}' ({stacks}) describes objects that do not exist at {server}",
    remedy: "point the context '{context}' at the right cluster; if this one really replaces it, move the state away",
    explain:
      "None of the objects in the state has its UID in the cluster, so the state is of another cluster. Terraform would " +
      "take everything for deleted, or refuse to create what is there.",
  },
  BH4028: {
    severity: "error",
    text: "kube-apiserver of cluster '{cluster}' no longer sees the params of its policies",
    remedy: "restart kube-apiserver (locally: 'bhitti local down', then 'bhitti local up') and deploy again",
    explain:
      "Once no policy binding names a built-in param kind for a second, kube-apiserver stops watching that kind until it is " +
      "restarted (kubernetes/kubernetes#130887), and policies with such params refuse everything. Bhitti leaves a binding " +
      "that matches nothing in each cluster to prevent it, but cannot undo it.",
  },
  BH4029: {
    severity: "warning",
    text: "{address} of stack '{stack}' was not compared with the cluster: {reason}",
    remedy: "compare it by other means, e.g. 'terraform plan' of the stack",
    explain:
      "Whatever cannot be read as Kubernetes objects, such as a chart of somebody else's, is in no comparison: that there is no drift says nothing of it.",
  },
  BH4030: {
    severity: "error",
    text: "environment '{environment}' cannot be deployed: {reason}",
    remedy: "give this machine access to registry.terraform.io or to a mirror with the providers",
    explain:
      "Terraform needs the providers hashicorp/kubernetes and hashicorp/helm, from the registry or a mirror. The engine " +
      "server-side-apply, which needs none, is for environments marked 'disposable' only: it has no state to review, lock " +
      "or restore.",
  },
  BH4031: {
    severity: "error",
    text: "the engine 'server-side-apply' is only for disposable environments, and '{environment}' is not one",
    remedy: "deploy with '--engine terraform'",
    explain: "People's data must not depend on an engine without reviewable plans, locks and restorable state.",
  },
  BH4032: {
    severity: "error",
    text: "there is no engine '{engine}'",
    remedy: "use terraform or server-side-apply",
    explain: "An engine is what brings stacks into a cluster.",
  },
  BH4033: {
    severity: "error",
    text: "terraform {command} of stack '{stack}' failed: {reason}",
    remedy: "see {log}",
    explain:
      "The error lines are Terraform's own. State was written as far as Terraform got; deploying again continues from there.",
  },
  BH4034: {
    severity: "error",
    text: "neither terraform nor tofu can be started: {reason}",
    remedy: "install Terraform 1.5 or OpenTofu 1.7, or newer, or name one in TERRAFORM_BINARY_NAME",
    explain:
      "The engine 'terraform' runs the binary that TERRAFORM_BINARY_NAME names, else terraform, else tofu, found on PATH.",
  },
  BH4035: {
    severity: "notice",
    text: "recorded in the cluster by an earlier deploy",
    explain: "The engine of the first deploy stays until the environment is destroyed.",
  },
  BH4036: {
    severity: "notice",
    text: "asked for with --engine",
    explain: "The engine is recorded in the cluster at the first deploy and stays until the environment is destroyed.",
  },
  BH4037: {
    severity: "notice",
    text: "{reason}",
    explain: "Terraform is the engine wherever its init can get the providers, from the registry or a mirror.",
  },
  BH4038: {
    severity: "notice",
    text: "terraform cannot have its providers ({reason})",
    explain:
      "The environment is disposable, so objects may be applied without Terraform where no provider can be had. The " +
      "choice is recorded in the cluster.",
  },
  BH4040: {
    severity: "error",
    text: "environment '{environment}' has no stack '{stack}'",
    remedy: "use some of: {known}",
    explain: "Stacks are named <cluster>-<layer> and <cluster>-zone-<zone>.",
  },
  BH4041: {
    severity: "error",
    text: "stack '{stack}' needs stack '{dependency}', which is neither selected nor deployed",
    remedy: "add '{dependency}' to the selection, or deploy it first",
    explain: "A stack relies on what the stacks before it make: namespaces, rules, configuration.",
  },
  BH4042: {
    severity: "error",
    text: "environment '{environment}' is not disposable and is not destroyed",
    remedy: "mark it 'disposable: true' in environment.yaml by a reviewed commit, if it really may be lost",
    explain: "Destroying an environment takes everything in it along, people's data included.",
  },
  BH4043: {
    severity: "error",
    text: "stack '{stack}' belongs to no cluster of environment '{environment}'",
    remedy: "begin its id with one of: {known}",
    explain: "A stack's id opens with the name of its cluster and a hyphen.",
  },
  BH4044: {
    severity: "error",
    text: "stack '{stack}' was not touched, since stack '{failed}' failed",
    remedy: "correct '{failed}' and deploy again",
    explain: "Only what depends on a failed stack is left out; everything else goes on.",
  },
  BH4045: {
    severity: "error",
    text: "stack '{stack}' was not touched, since the deploy was interrupted",
    remedy: "deploy again: it continues from what stands",
    explain: "At an interrupt no new stack starts, and those that run get to finish.",
  },
  BH4047: {
    severity: "warning",
    text: "{object} of stack '{stack}' was compared without {paths}",
    remedy: "state the values themselves, or compare them with 'terraform plan' of the stack",
    explain: "Only Terraform knows these values, while it runs, so what stands there is not looked at.",
  },
  BH4046: {
    severity: "error",
    text: "stack '{stack}' needs stack '{dependency}' to stay, and it is not selected",
    remedy: "add '{stack}' to the selection",
    explain: "A stack is destroyed after all stacks that rely on it.",
  },
});
