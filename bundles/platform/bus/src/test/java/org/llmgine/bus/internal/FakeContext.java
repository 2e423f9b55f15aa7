package org.llmgine.bus.internal;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;

/** A message's context that is never cancelled. */
record FakeContext(String session, Principal principal, Map<String, String> metadata) implements MessageContext {
    static final FakeContext NONE = new FakeContext("", Principal.ANONYMOUS, Map.of());

    static FakeContext inSession(String session) {
        return new FakeContext(session, Principal.ANONYMOUS, Map.of());
    }

    static FakeContext with(Map<String, String> metadata) {
        return new FakeContext("", Principal.ANONYMOUS, metadata);
    }

    FakeContext of(String name) {
        return new FakeContext(session, new Principal(name, java.util.Set.of()), metadata);
    }

    @Override
    public String id() {
        return "msg_1";
    }

    @Override
    public Optional<String> cause() {
        return Optional.empty();
    }

    @Override
    public Instant sent() {
        return Instant.ofEpochMilli(17);
    }

    @Override
    public String origin() {
        return "org.example.shop";
    }

    @Override
    public String idempotencyKey() {
        return id();
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public void checkCancelled() {}

    @Override
    public Registration onCancel(Runnable action) {
        return () -> {};
    }

    @Override
    public <T> T call(Callable<T> work) throws Exception {
        return work.call();
    }

    @Override
    public void run(Runnable work) {
        work.run();
    }
}
