package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;

/**
 * Follow what the host's parts tell each other from now on. Needs the role {@code operator}. An operator sees what everybody does; users
 * follow their own turns by {@link org.llmgine.core.session.FollowTurn}.
 *
 * <p>Fails with {@code invalid_request} and the field {@code topic}.
 *
 * @param principal who asks
 * @param selection which events
 */
public record FollowEvents(Principal principal, EventSelection selection) implements Command<EventReader> {}
