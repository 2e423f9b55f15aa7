package org.llmgine.plugins.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.NativeNamespace;

/** Reads for which systems a bundle has native code, as the need that it is. */
final class NativeCode {
    private static final Map<String, String> ATTRIBUTES = Map.of(
            Constants.BUNDLE_NATIVECODE_OSNAME, NativeNamespace.CAPABILITY_OSNAME_ATTRIBUTE,
            Constants.BUNDLE_NATIVECODE_PROCESSOR, NativeNamespace.CAPABILITY_PROCESSOR_ATTRIBUTE);

    private NativeCode() {}

    /** Return what a {@code Bundle-NativeCode} header needs, as {@code Require-Capability} says it; empty for nothing. */
    static Optional<String> need(String header) {
        List<String> systems = new ArrayList<>();
        for (String clause : ResourceBuilder.parseDelimitedString(header, ",")) {
            if (clause.strip().equals("*")) {
                return Optional.empty();
            }
            systems.add(system(clause));
        }
        return Optional.of(NativeNamespace.NATIVE_NAMESPACE + ";filter:=\"(|" + String.join("", systems) + ")\"");
    }

    /** All that a clause says must hold, and one of the values that it has for it. */
    private static String system(String clause) {
        StringBuilder all = new StringBuilder("(&(" + NativeNamespace.CAPABILITY_OSNAME_ATTRIBUTE + "=*)");
        ATTRIBUTES.forEach((parameter, attribute) -> {
            List<String> values = new ArrayList<>();
            for (String part : ResourceBuilder.parseDelimitedString(clause, ";")) {
                String[] pair = part.split("=", 2);
                if (pair.length == 2 && pair[0].strip().equalsIgnoreCase(parameter)) {
                    String value = pair[1].replace("\"", "").strip().replaceAll("[()\\\\*]", "");
                    values.add("(" + attribute + "~=" + value + ")");
                }
            }
            if (!values.isEmpty()) {
                all.append("(|").append(String.join("", values)).append(")");
            }
        });
        return all.append(")").toString();
    }
}
