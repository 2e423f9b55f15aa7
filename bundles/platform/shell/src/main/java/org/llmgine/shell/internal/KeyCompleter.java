package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListKeys;

/** Completes the id of an API key. */
@Service
public final class KeyCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListKeys(principal)).stream().map(KeyEntry::keyId);
    }
}
