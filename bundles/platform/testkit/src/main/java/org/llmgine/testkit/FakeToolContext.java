package org.llmgine.testkit;

import java.time.Instant;
import java.util.Set;
import org.llmgine.api.Principal;
import org.llmgine.api.tool.ToolContext;

/** Tells a tool about a call that a test makes. */
public record FakeToolContext(Principal principal, String turnId, String callId, Instant deadline, boolean cancelled)
        implements ToolContext {
    /** Make the context of a call by the user {@code tester} that nothing limits. */
    public FakeToolContext() {
        this(new Principal("tester", Set.of(Principal.USER)), "turn", "call", Instant.MAX, false);
    }
}
