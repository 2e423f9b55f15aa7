package org.llmgine.api.tool;

import java.time.Instant;
import org.llmgine.api.Principal;
import org.osgi.annotation.versioning.ProviderType;

/** Tell a tool about the call that it serves. The host implements it. */
@ProviderType
public interface ToolContext {
    /** Return who asked. */
    Principal principal();

    /** Return the turn's id, for logs. */
    String turnId();

    /** Return the call's id, the same when a stored call is run again: use it to make an effect happen once. */
    String callId();

    /** Return when the host stops waiting. */
    Instant deadline();

    /** Tell whether the caller has left or the deadline has passed; the calling thread is interrupted then, too. */
    boolean cancelled();
}
