package org.llmgine.itest.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class SettingsReferenceTest {
    private static final Path RECORDED = Repository.ROOT.resolve("docs/reference/settings.md");

    @Test
    void theSettingsReferenceIsWhatTheBundlesDescribe() throws Exception {
        String reference = reference();
        if (Boolean.getBoolean("updateRecorded")) {
            Files.createDirectories(RECORDED.getParent());
            Files.writeString(RECORDED, reference);
        }

        assertThat(reference.lines())
                .as(
                        "%s is made from the bundles' setting descriptions. Make it anew with "
                                + "\"./mvnw -pl itests/architecture test -DupdateRecorded=true\" after the bundles are built.",
                        RECORDED)
                .containsExactlyElementsOf(Files.readAllLines(RECORDED));
    }

    private static String reference() throws Exception {
        TreeMap<String, String> sections = new TreeMap<>();
        for (Path description : descriptions()) {
            Document xml =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(description.toFile());
            Element form = elements(xml, "OCD").getFirst();
            Element designate = elements(xml, "Designate").getFirst();
            boolean factory = designate.hasAttribute("factoryPid");
            String pid = designate.getAttribute(factory ? "factoryPid" : "pid");
            StringBuilder section = new StringBuilder("## ")
                    .append(pid)
                    .append("\n\n")
                    .append(form.getAttribute("description"))
                    .append(" File: `etc/")
                    .append(pid)
                    .append(factory ? "-NAME.cfg`, one for each instance `id~NAME`.\n\n" : ".cfg`.\n\n")
                    .append("| setting | default | allowed | meaning |\n|---|---|---|---|\n");
            for (Element field : elements(xml, "AD")) {
                section.append("| `%s` | %s | %s | %s |\n"
                        .formatted(
                                field.getAttribute("id"),
                                field.getAttribute("default").isEmpty()
                                        ? ""
                                        : "`" + field.getAttribute("default") + "`",
                                allowed(field),
                                field.getAttribute("description")));
            }
            sections.put(pid, section.toString());
        }
        return "# Settings\n\nMade from the bundles' own descriptions; don't edit by hand. [How settings are given](../configuration.md).\n\n"
                + String.join("\n", sections.values());
    }

    private static String allowed(Element field) {
        String type = field.getAttribute("type").toLowerCase(java.util.Locale.ROOT);
        String min = field.getAttribute("min");
        String max = field.getAttribute("max");
        String range = !min.isEmpty() && !max.isEmpty()
                ? ", " + min + " to " + max
                : !min.isEmpty() ? ", at least " + min : !max.isEmpty() ? ", at most " + max : "";
        return type + (field.hasAttribute("cardinality") ? " list" : "") + range;
    }

    private static List<Path> descriptions() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path bundle : Repository.bundles()) {
            Path folder = bundle.resolve("target/classes/OSGI-INF/metatype");
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.forEach(found::add);
                }
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static List<Element> elements(Document xml, String name) {
        List<Element> elements = new ArrayList<>();
        NodeList nodes = xml.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
