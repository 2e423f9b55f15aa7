package org.llmgine.bus.internal;

import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Matches topics: {@code *} stands for any one segment, as the last one for one or more. */
record TopicPattern(String text) {
    private static final String ANY = "*";

    TopicPattern {
        if (text.isBlank() || text.startsWith("/") || text.endsWith("/") || text.contains("//")) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'" + text + "' is no topic.")
                    .withField("topics")
                    .withHint("Write segments between slashes, such as shop/order/*.");
        }
    }

    boolean matches(String topic) {
        String[] wanted = text.split("/");
        String[] segments = topic.split("/");
        boolean open = wanted[wanted.length - 1].equals(ANY);
        if (segments.length < wanted.length || (segments.length > wanted.length && !open)) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (!wanted[i].equals(ANY) && !wanted[i].equals(segments[i])) {
                return false;
            }
        }
        return true;
    }
}
