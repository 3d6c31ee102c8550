import { afterEach, expect, test, vi } from "vitest";
import { terraformEnvironment } from "./terraform-process.ts";

afterEach(() => vi.unstubAllEnvs());

test.each(["TF_WORKSPACE", "TF_DATA_DIR", "TF_CLI_ARGS", "TF_CLI_ARGS_plan", "KUBE_HOST", "KUBE_CTX", "HELM_DRIVER"])(
  "%s of the caller's shell does not reach terraform: it would override the environment",
  (name) => {
    vi.stubEnv(name, "elsewhere");
    expect(terraformEnvironment()).not.toHaveProperty(name);
  },
);

test.each(["KUBECONFIG", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_TOKEN_example_org", "AWS_PROFILE"])(
  "%s reaches terraform: backends, registries and exec plugins need it",
  (name) => {
    vi.stubEnv(name, "kept");
    expect(terraformEnvironment()).toHaveProperty(name, "kept");
  },
);
