package org.llmgine.http.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.TextPart;

/** Understands a message's content in OpenAI's form: a string, or an array of parts. */
final class ContentReader {
    private ContentReader() {}

    /** Read what a user may say. */
    static List<ContentPart> any(At at) {
        return content(at, ContentReader::part);
    }

    /** Read what is text only. */
    static List<ContentPart> text(At at) {
        return content(at, ContentReader::textPart);
    }

    private static List<ContentPart> content(At at, Function<At, ContentPart> part) {
        if (at.isText()) {
            return List.of(new TextPart(at.string()));
        }
        if (!at.node().isArray()) {
            return at.fail("a string or an array of parts");
        }
        List<ContentPart> parts = new ArrayList<>();
        at.items().forEach(item -> parts.add(part.apply(item.object())));
        if (parts.isEmpty()) {
            throw at.invalid("must have at least one part");
        }
        return parts;
    }

    private static ContentPart textPart(At at) {
        At type = at.get("type");
        return switch (type.string()) {
            case "text" -> new TextPart(at.get("text").string());
            case "refusal" -> new TextPart(at.get("refusal").string());
            case "image_url", "file", "input_audio" ->
                throw type.unsupported("only a user's message may have parts of the type " + type.string());
            default -> throw type.invalid("must be text, got " + type.quoted());
        };
    }

    private static ContentPart part(At at) {
        At type = at.get("type");
        return switch (type.string()) {
            case "text" -> new TextPart(at.get("text").string());
            case "image_url" -> image(at.get("image_url").object());
            case "file" -> file(at.get("file").object());
            case "input_audio" ->
                throw type.unsupported("this host doesn't take audio").withHint("Send its transcript as text.");
            default -> throw type.invalid("must be one of text, image_url, file, got " + type.quoted());
        };
    }

    private static ContentPart image(At image) {
        At url = image.get("url");
        String address = url.string();
        if (!address.startsWith("https://") && !address.startsWith("http://") && !address.startsWith("data:")) {
            throw url.invalid("must be an https: address or a data: URL");
        }
        String detail = image.get("detail")
                .optional()
                .map(at -> at.oneOf("auto", "low", "high"))
                .orElse("auto");
        return new ImagePart(address, detail);
    }

    private static ContentPart file(At file) {
        String name = file.get("filename").optional().map(At::string).orElse("");
        At data = file.get("file_data");
        At id = file.get("file_id");
        if (data.given() == id.given()) {
            throw file.invalid("needs either file_data or file_id");
        }
        return new FilePart(name, data.given() ? data.string() : id.string());
    }
}
