package org.llmgine.example.lines;

import static java.net.http.HttpClient.Version.HTTP_1_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Posts the prompt to a back-end that answers with lines of text as it goes. */
@Component(configurationPid = "org.llmgine.example.lines")
@Designate(ocd = LinesProvider.Settings.class)
@LlmginePlugin(id = "lines", kind = LlmginePlugin.PROVIDER)
public final class LinesProvider implements ModelProvider {
    @ObjectClassDefinition(name = "Provider lines")
    @interface Settings {
        String url() default "http://127.0.0.1:9000/";
    }

    private final HttpClient client = HttpClient.newBuilder().version(HTTP_1_1).build();
    private final URI url;

    @Activate
    public LinesProvider(Settings settings) {
        url = URI.create(settings.url());
    }

    /** Let open streams go on: the client's threads end with the last of them. */
    @Deactivate
    void deactivate() {
        client.shutdown();
    }

    @Override
    public List<ModelInfo> models() {
        return List.of(new ModelInfo("lines", Set.of()));
    }

    @Override
    public ModelStream open(ModelRequest request) {
        String prompt = request.messages().getLast().text();
        HttpRequest post = HttpRequest.newBuilder(url)
                .POST(BodyPublishers.ofString(prompt))
                .build();
        try {
            HttpResponse<InputStream> response = client.send(post, BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                response.body().close();
                throw new LlmgineException(
                        ErrorCode.PROVIDER_ERROR, "The back-end answered " + response.statusCode() + ".");
            }
            return new LineStream(response.body());
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The back-end can't be reached.", e)
                    .withHint("Check the url in the settings of org.llmgine.example.lines.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlmgineException(ErrorCode.CANCELLED, "The request was cancelled.", e);
        }
    }
}
