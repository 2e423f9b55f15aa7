package org.llmgine.itest.host;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one host that all share which leave it as it was. The test plugins are installed; the scripted provider has
 * the instances {@code scripted~main} and {@code scripted~failing}, and {@code default} is {@code scripted~main/prompt}.
 */
final class SharedHost implements ParameterResolver {
    static final String DEFAULT_MODEL = "scripted~main/prompt";
    static final String INSTANCE_PID = "org.llmgine.itest.provider.scripted";

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
        return parameter.getParameter().getType() == Host.class;
    }

    @Override
    public Host resolveParameter(ParameterContext parameter, ExtensionContext extension) {
        return extension
                .getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedHost.class))
                .getOrComputeIfAbsent(Host.class, type -> start(), Host.class);
    }

    private static Host start() {
        try {
            Host host = unpackWithTestPlugins("shared").start();
            awaitTestPlugins(host);
            return host;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Unpack a host that will be like the shared one. */
    static Host unpackWithTestPlugins(String name) throws IOException, InterruptedException {
        return Host.unpack(name)
                .withPlugin(Fixtures.scriptedProvider())
                .withPlugin(Fixtures.stampTool())
                .with("LLMGINE_DEFAULT_MODEL", DEFAULT_MODEL)
                .withSettings(INSTANCE_PID + "-main", "greeting = hello\n")
                .withSettings(INSTANCE_PID + "-failing", "greeting = hello\n");
    }

    /** Wait until the test plugins serve, which come when the host is ready already. */
    static void awaitTestPlugins(Host host) {
        awaitModel(host);
        for (String tool : List.of("stamp", "seal")) {
            Until.holds(
                    Duration.ofSeconds(10),
                    () -> "the tool " + tool + " is not there",
                    () -> !host.api().instance("tools", tool).isMissingNode());
        }
    }

    /** Wait until the scripted provider answers. */
    static void awaitModel(Host host) {
        Until.holds(
                Duration.ofSeconds(10),
                () -> "the scripted provider does not answer; the host printed:\n" + host.output(),
                () -> host.api().ask("scripted~main/greet", "hello").isWhole());
    }
}
