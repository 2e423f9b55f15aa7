package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.ListConfigurations;

/** Completes the PID of a configuration. */
@Service
public final class ConfigCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListConfigurations(principal)).stream()
                .flatMap(entry -> Stream.concat(Stream.of(entry.pid()), entry.instances().stream()));
    }
}
