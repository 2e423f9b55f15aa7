package org.llmgine.provider.openai.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Holds what surrounds the text of a chunk whose meaning is known: another chunk with the same bytes around a JSON string means
 * the same with another text.
 *
 * @param head the bytes up to the text's opening quote
 * @param tail the bytes from its closing quote on
 * @param reasons whether the text is reasoning
 */
record ChunkTemplate(byte[] head, byte[] tail, boolean reasons) {
    /**
     * Make a template of a chunk.
     *
     * @param quote where the text's opening quote is, from the offset on
     * @return null when there is none there
     */
    static @Nullable ChunkTemplate of(byte[] data, int offset, int length, int quote, boolean reasons) {
        if (quote < 0 || quote >= length || data[offset + quote] != '"') {
            return null;
        }
        int from = offset + quote + 1;
        int end = offset + length;
        int to = from;
        while (to < end && data[to] != '"') {
            to += data[to] == '\\' ? 2 : 1;
        }
        return to >= end
                ? null
                : new ChunkTemplate(Arrays.copyOfRange(data, offset, from), Arrays.copyOfRange(data, to, end), reasons);
    }

    /** Return the text of a chunk that differs in nothing else; null for any other. */
    @Nullable String match(byte[] data, int offset, int length) {
        int from = offset + head.length;
        int end = offset + length;
        int to = end - tail.length;
        if (from > to
                || !Arrays.equals(data, to, end, tail, 0, tail.length)
                || !Arrays.equals(data, offset, from, head, 0, head.length)) {
            return null;
        }
        int escape = -1;
        for (int i = from; i < to; i++) {
            byte b = data[i];
            if (b == '\\') {
                escape = escape < 0 ? i : escape;
                i++;
                if (i == to) {
                    return null;
                }
            } else if (b == '"' || (b >= 0 && b < ' ')) {
                return null;
            }
        }
        String text = new String(data, from, to - from, StandardCharsets.UTF_8);
        return escape < 0 ? text : unescape(text);
    }

    private static @Nullable String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            i++;
            switch (text.charAt(i)) {
                case '"' -> plain.append('"');
                case '\\' -> plain.append('\\');
                case '/' -> plain.append('/');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                // The rare ones are left to the parser.
                default -> {
                    return null;
                }
            }
        }
        return plain.toString();
    }
}
