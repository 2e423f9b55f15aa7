package org.llmgine.api.engine;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Give an engine what it needs to answer one prompt. The host implements it; it is used by the thread that runs the turn.
 */
@ProviderType
public interface Turn {
    /** Return the turn's id. */
    String id();

    /** Return who asked. */
    Principal principal();

    /**
     * Return the conversation as it is stored, oldest first, the prompt included; what {@link #append} and
     * {@link #callTools} add is there at once.
     */
    List<Message> messages();

    /**
     * Return a request that is filled in with the model and the options that the caller asked for, the context (system prompt
     * and as much of the conversation as fits) and the tools that this turn may use.
     */
    ModelRequest request();

    /**
     * Open a guarded stream: deadlines, limits, retries before the first event and containment are the host's. Close it, best
     * by {@link org.llmgine.api.model.ModelAnswer#relay}.
     *
     * @throws org.llmgine.api.LlmgineException when the model is not known or not available
     */
    ModelStream open(ModelRequest request);

    /** Add a finished message to the conversation. */
    void append(Message message);

    /**
     * Run the host's tools for one answer's calls, in parallel. Each result is emitted and appended to the conversation as a
     * tool message, in the order of the calls. A failing or unknown tool gives an error result.
     *
     * @return the results, and the calls that must wait for an approval: with any of these, return
     *     {@link TurnOutcome#suspended}
     */
    ToolRound callTools(List<ToolCall> calls);

    /** Tell whether the caller has left, asked to stop, or the deadline has passed. */
    boolean cancelled();
}
