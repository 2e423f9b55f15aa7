package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.plugins.CatalogueEntry;
import org.llmgine.plugins.CatalogueListing;
import org.llmgine.plugins.DisablePlugin;
import org.llmgine.plugins.EnablePlugin;
import org.llmgine.plugins.GetPlugin;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.InstallReport;
import org.llmgine.plugins.ListPlugins;
import org.llmgine.plugins.PluginChanged;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.PluginSource;
import org.llmgine.plugins.PluginStep;
import org.llmgine.plugins.RemovePlugin;
import org.llmgine.plugins.SearchCatalogue;
import org.llmgine.plugins.SwitchPlugin;
import org.llmgine.plugins.VersionEntry;

/** Plugins: install, replace, roll back, switch off and on, remove. For operators; the lists are for all. */
@Path(PluginsResource.PLUGINS)
@Tag(name = "Plugins")
@Singleton
public final class PluginsResource {
    static final String PLUGINS = "/api/plugins";

    private static final byte[] STEP = ascii("event: step\ndata: ");
    private static final byte[] DONE = ascii("event: done\ndata: ");
    private static final byte[] ERROR = ascii("event: error\ndata: ");
    private static final byte[] END = ascii("\n\n");

    private final Json json;
    private final Commands commands;
    private final HostTimer timer;
    private final HttpSettings settings;
    private final EventStream events;

    @Inject
    public PluginsResource(Json json, Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics) {
        events = new EventStream(json, commands, timer, settings, metrics);
        this.json = json;
        this.commands = commands;
        this.timer = timer;
        this.settings = settings;
    }

    /** Tell whether a body may be as large as a plugin's jar. */
    static boolean takesJar(String uri) {
        return uri.equals(PLUGINS) || (uri.startsWith(PLUGINS + "/") && uri.endsWith("/upgrade"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "List the plugins with their versions")
    public PluginList list(@Context HttpServletRequest http, @Context UriInfo uri) {
        Queries.only(uri);
        return new PluginList(commands.execute(new ListPlugins(Callers.of(http))).stream()
                .map(Plugin::of)
                .toList());
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Path("/{plugin}")
    @Operation(summary = "Read a plugin, by its id or its symbolic name")
    public Plugin get(@Context HttpServletRequest http, @PathParam("plugin") String plugin) {
        return Plugin.of(commands.execute(new GetPlugin(Callers.of(http), plugin)));
    }

    /** Follow what happens to one. */
    @GET
    @Path("/{plugin}/events")
    @Operation(
            summary = "Follow the changes of a plugin as they happen",
            description =
                    "An event 'event' for each step, whoever asked for it: an Event of the type llmgine/plugin/changed. For"
                            + " operators.")
    @ApiResponse(
            responseCode = "200",
            description = "the events, each with the fields of an Event",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(types = "string", description = "see the schema Event")))
    public void events(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @PathParam("plugin") String plugin) {
        Queries.only(uri);
        String name = commands.execute(new GetPlugin(Callers.of(http), plugin)).symbolicName();
        EventSelection selection = new EventSelection(List.of(PluginChanged.TYPE), PluginChanged.session(name), "");
        events.write(new FollowEvents(Callers.of(http), selection), response);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Path("/catalogue")
    @Operation(
            summary = "List the plugins that the catalogues offer",
            description =
                    "What can't be read of them is said in 'problems'. A version that doesn't fit this host has a 'problem'.")
    public Catalogue catalogue(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = "what an id, a name, a description, a kind or an author must contain")
                    @QueryParam("q")
                    @Nullable String query) {
        Queries.only(uri, "q");
        return Catalogue.of(commands.execute(new SearchCatalogue(Callers.of(http), query == null ? "" : query)));
    }

    /** Install; with progress it is written here, past Jersey. */
    @POST
    @Operation(
            summary = "Install a plugin, or another version of one",
            description =
                    "The body is the jar, or JSON that says where it is. The answer comes when the version serves; calls in"
                            + " flight end on the former one. With 'Accept: text/event-stream' each step is an event 'step',"
                            + " and the last event is 'done' or 'error'.")
    @RequestBody(
            required = true,
            content = {
                @Content(mediaType = "application/java-archive", schema = @Schema(type = "string", format = "binary")),
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Origin.class))
            })
    @ApiResponse(
            responseCode = "200",
            description = "what came of it",
            content = @Content(schema = @Schema(implementation = Report.class)))
    public @Nullable Response install(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @Parameter(description = "whether to do no more than the checks") @QueryParam("dryRun") @Nullable String dryRun,
            @Parameter(description = "what the jar's SHA-256 must be, in hexadecimal") @QueryParam("sha256") @Nullable String sha256,
            @Parameter(hidden = true) InputStream body) {
        Queries.only(uri, "dryRun", "sha256");
        return install(http, response, Optional.empty(), Queries.isTrue("dryRun", dryRun), sha256, body);
    }

    @POST
    @Path("/{plugin}/upgrade")
    @Operation(
            summary = "Install another version of a plugin, and of no other",
            description =
                    "As an installation is; without a body the newest version that a catalogue offers and that fits this host.")
    @RequestBody(
            content = {
                @Content(mediaType = "application/java-archive", schema = @Schema(type = "string", format = "binary")),
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Origin.class))
            })
    @ApiResponse(
            responseCode = "200",
            description = "what came of it",
            content = @Content(schema = @Schema(implementation = Report.class)))
    public @Nullable Response upgrade(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @PathParam("plugin") String plugin,
            @Parameter(description = "whether to do no more than the checks") @QueryParam("dryRun") @Nullable String dryRun,
            @Parameter(description = "what the jar's SHA-256 must be, in hexadecimal") @QueryParam("sha256") @Nullable String sha256,
            @Parameter(hidden = true) InputStream body) {
        Queries.only(uri, "dryRun", "sha256");
        PluginEntry known = commands.execute(new GetPlugin(Callers.of(http), plugin));
        return install(http, response, Optional.of(known), Queries.isTrue("dryRun", dryRun), sha256, body);
    }

    private @Nullable Response install(
            HttpServletRequest http,
            HttpServletResponse response,
            Optional<PluginEntry> plugin,
            boolean dry,
            @Nullable String sha256,
            InputStream body) {
        try (Body read =
                plugin.isPresent() && isEmpty(http) ? Body.offered(plugin.get().id()) : read(http, body)) {
            return answer(
                    http,
                    response,
                    progress -> new InstallPlugin(
                            Callers.of(http),
                            read.source(),
                            plugin.map(PluginEntry::symbolicName),
                            Optional.ofNullable(sha256).or(read::sha256),
                            dry,
                            progress),
                    Report::of);
        }
    }

    @POST
    @Path("/{plugin}/rollback")
    @Operation(
            summary = "Let another kept version serve, back or forward",
            description = "Without a version it is the one that served before.")
    @ApiResponse(
            responseCode = "200",
            description = "the plugin",
            content = @Content(schema = @Schema(implementation = Plugin.class)))
    public @Nullable Response rollback(
            @Context HttpServletRequest http,
            @Context HttpServletResponse response,
            @Context UriInfo uri,
            @PathParam("plugin") String plugin,
            @QueryParam("version") @Nullable String version) {
        Queries.only(uri, "version");
        return answer(
                http,
                response,
                progress -> new SwitchPlugin(Callers.of(http), plugin, Optional.ofNullable(version), progress),
                Plugin::of);
    }

    @POST
    @Produces(MediaType.APPLICATION_JSON)
    @Path("/{plugin}/enable")
    @Operation(summary = "Let a plugin serve again")
    public Plugin enable(@Context HttpServletRequest http, @PathParam("plugin") String plugin) {
        return Plugin.of(commands.execute(new EnablePlugin(Callers.of(http), plugin)));
    }

    @POST
    @Produces(MediaType.APPLICATION_JSON)
    @Path("/{plugin}/disable")
    @Operation(
            summary = "Let a plugin serve no more",
            description = "Its calls end; it stays known, and disabled over restarts.")
    public Plugin disable(@Context HttpServletRequest http, @PathParam("plugin") String plugin) {
        return Plugin.of(commands.execute(new DisablePlugin(Callers.of(http), plugin)));
    }

    @DELETE
    @Produces(MediaType.APPLICATION_JSON)
    @Path("/{plugin}")
    @Operation(
            summary = "Remove a plugin with all its versions, and return what it was",
            description = "Its calls end; its settings stay.")
    public Plugin remove(@Context HttpServletRequest http, @PathParam("plugin") String plugin) {
        return Plugin.of(commands.execute(new RemovePlugin(Callers.of(http), plugin)));
    }

    private static boolean isEmpty(HttpServletRequest http) {
        long length = http.getContentLengthLong();
        return length == 0 || (length < 0 && http.getHeader("Transfer-Encoding") == null);
    }

    /** A body, of which a jar is kept in a file meanwhile. */
    private record Body(PluginSource source, Optional<String> sha256, Optional<java.nio.file.Path> file)
            implements AutoCloseable {
        static Body offered(String plugin) {
            return new Body(new PluginSource.Catalogue(plugin, Optional.empty()), Optional.empty(), Optional.empty());
        }

        @Override
        public void close() {
            file.ifPresent(path -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw unkept(e);
                }
            });
        }
    }

    private Body read(HttpServletRequest http, InputStream body) {
        String type = http.getContentType();
        if (type != null && type.startsWith(MediaType.APPLICATION_JSON)) {
            At request = json.read(body).only("url", "mvn", "catalogue", "version", "sha256");
            return new Body(source(request), request.get("sha256").optional().map(At::string), Optional.empty());
        }
        try {
            java.nio.file.Path file = Files.createTempFile("llmgine-plugin-", ".jar");
            Body read = new Body(new PluginSource.File(file, "upload"), Optional.empty(), Optional.of(file));
            try {
                Spool.write(body, file);
            } catch (IOException | RuntimeException e) {
                read.close();
                throw e;
            }
            return read;
        } catch (IOException e) {
            throw unkept(e);
        }
    }

    private static PluginSource source(At request) {
        Optional<String> version = request.get("version").optional().map(At::string);
        List<PluginSource> sources = Stream.of(
                        request.get("url").optional().map(At::string).map(PluginSource.Address::new),
                        request.get("mvn").optional().map(at -> new PluginSource.Address("mvn:" + at.string())),
                        request.get("catalogue").optional().map(at -> new PluginSource.Catalogue(at.string(), version)))
                .<PluginSource>flatMap(Optional::stream)
                .toList();
        if (sources.size() != 1) {
            throw request.get("url").invalid("must be given, or mvn, or catalogue, and one of them only");
        }
        if (version.isPresent() && !(sources.getFirst() instanceof PluginSource.Catalogue)) {
            throw request.get("version").invalid("goes with catalogue only");
        }
        return sources.getFirst();
    }

    private static LlmgineException unkept(IOException e) {
        return new LlmgineException(ErrorCode.UNAVAILABLE, "The host can't keep the jar in a temporary file.", e)
                .withHint("Is its disk full?");
    }

    /** Answer with what comes of a command, or with each of its steps if the caller wants them. */
    private <R> @Nullable Response answer(
            HttpServletRequest http,
            HttpServletResponse response,
            Function<Consumer<PluginStep>, Command<R>> command,
            Function<R, ?> view) {
        String accept = http.getHeader("Accept");
        // Who also takes JSON wants the answer alone.
        if (accept == null
                || !accept.contains(MediaType.SERVER_SENT_EVENTS)
                || accept.contains(MediaType.APPLICATION_JSON)) {
            return Response.ok(view.apply(commands.execute(command.apply(step -> {}))), MediaType.APPLICATION_JSON)
                    .build();
        }
        Cancellation left = new Cancellation();
        SseBuffer buffer = new SseBuffer();
        try (SseWriter writer =
                new SseWriter(response, left, timer, settings.current().heartbeat())) {
            try {
                R result = commands.execute(command.apply(step -> {
                    if (left.reason().isEmpty()) {
                        writer.send(
                                buffer.raw(STEP).raw(json.bytes(Step.of(step))).raw(END));
                    }
                }));
                writer.sendLast(
                        buffer.raw(DONE).raw(json.bytes(view.apply(result))).raw(END));
            } catch (LlmgineException e) {
                if (!writer.stopPings()) {
                    throw e;
                }
                writer.sendLast(buffer.raw(ERROR)
                        .raw(json.bytes(Problem.of(e).problem(json)))
                        .raw(END));
            }
        }
        return null;
    }

    @Schema(name = "PluginSource", description = "Where a plugin's jar is: one of url, mvn and catalogue.")
    public record Origin(
            @Schema(description = "http:, https:, file: or mvn: address") @Nullable String url,

            @Schema(description = "GROUP/ARTIFACT/VERSION") @Nullable String mvn,

            @Schema(description = "the id of a plugin that a catalogue offers") @Nullable String catalogue,

            @Schema(description = "with catalogue: which version; the newest that fits this host when left out")
            @Nullable String version,

            @Schema(description = "what the jar's SHA-256 must be") @Nullable String sha256) {}

    @Schema(name = "PluginCatalogue")
    public record Catalogue(List<CataloguePlugin> items, List<String> problems) {
        private static Catalogue of(CatalogueListing listing) {
            return new Catalogue(
                    listing.entries().stream().map(CataloguePlugin::of).toList(), listing.problems());
        }
    }

    @Schema(name = "CataloguePlugin")
    public record CataloguePlugin(
            String catalogue,
            String id,
            String name,
            String description,
            List<String> kinds,
            String author,
            String icon,
            List<String> links,
            List<CatalogueVersion> versions) {
        private static CataloguePlugin of(CatalogueEntry entry) {
            return new CataloguePlugin(
                    entry.catalogue(),
                    entry.id(),
                    entry.name(),
                    entry.description(),
                    entry.kinds(),
                    entry.author(),
                    entry.icon(),
                    entry.links(),
                    entry.versions().stream()
                            .map(one -> new CatalogueVersion(
                                    one.version(), one.sha256(), one.problem().orElse(null)))
                            .toList());
        }
    }

    @Schema(name = "CatalogueVersion")
    public record CatalogueVersion(
            String version, String sha256, @Nullable String problem) {}

    @Schema(name = "PluginStep")
    public record Step(String time, String plugin, String version, String state, String message) {
        private static Step of(PluginStep step) {
            return new Step(step.time().toString(), step.plugin(), step.version(), step.state(), step.message());
        }
    }

    @Schema(name = "InstallReport")
    public record Report(
            String id,
            String symbolicName,
            String version,
            String sha256,
            List<Check> checks,
            @Nullable String replaced,
            boolean installed) {
        private static Report of(InstallReport report) {
            return new Report(
                    report.id(),
                    report.symbolicName(),
                    report.version(),
                    report.sha256(),
                    report.checks().stream()
                            .map(check -> new Check(check.name(), check.passed(), check.message()))
                            .toList(),
                    report.replaced().orElse(null),
                    report.installed());
        }
    }

    @Schema(name = "InstallCheck")
    public record Check(String name, boolean passed, String message) {}

    @Schema(name = "Plugins")
    public record PluginList(List<Plugin> items) {}

    public record Plugin(
            String id,
            String symbolicName,
            List<String> kinds,
            String name,
            String description,
            String author,
            String icon,
            List<String> links,
            List<String> permissions,
            List<String> pids,

            @Schema(allowableValues = {"parallel", "exclusive"})
            String upgrade,

            boolean enabled,
            String active,
            List<Version> versions,
            Figures figures) {
        private static Plugin of(PluginEntry entry) {
            PluginEntry.About about = entry.about();
            return new Plugin(
                    entry.id(),
                    entry.symbolicName(),
                    entry.kinds(),
                    about.name(),
                    about.description(),
                    about.author(),
                    about.icon(),
                    about.links(),
                    about.permissions(),
                    about.pids(),
                    about.upgrade(),
                    entry.enabled(),
                    entry.active(),
                    entry.versions().stream().map(Version::of).toList(),
                    Figures.of(entry.figures()));
        }
    }

    @Schema(name = "PluginFigures")
    public record Figures(
            List<InstanceFigures> instances,

            @Schema(description = "how many threads its tools have now")
            int toolThreads,

            @Schema(description = "the names of those threads that ignore their interrupt and still run")
            List<String> leftBehind,

            @Schema(description = "how many of its versions' class loaders have not been collected")
            int classLoaders) {
        private static Figures of(PluginEntry.Figures figures) {
            return new Figures(
                    figures.instances().stream().map(InstanceFigures::of).toList(),
                    figures.toolThreads(),
                    figures.leftBehind(),
                    figures.classLoaders());
        }
    }

    @Schema(name = "PluginInstance")
    public record InstanceFigures(
            String kind,
            String name,
            String version,
            long calls,
            long errors,
            int inFlight,
            double p50Ms,
            double p99Ms,
            @Nullable String problem) {
        private static InstanceFigures of(PluginEntry.InstanceFigures figures) {
            return new InstanceFigures(
                    figures.kind(),
                    figures.name(),
                    figures.version(),
                    figures.calls(),
                    figures.errors(),
                    figures.inFlight(),
                    figures.p50Ms(),
                    figures.p99Ms(),
                    figures.problem().orElse(null));
        }
    }

    @Schema(name = "PluginVersion")
    public record Version(
            String version,
            String sha256,
            String source,
            String installed,
            String installedBy,

            @Schema(
                    allowableValues = {
                        "kept",
                        "installed",
                        "starting",
                        "ready",
                        "active",
                        "quarantined",
                        "draining",
                        "failed"
                    })
            String state,

            @Nullable String problem,
            int leases) {
        private static Version of(VersionEntry entry) {
            return new Version(
                    entry.version(),
                    entry.sha256(),
                    entry.source(),
                    entry.installed().toString(),
                    entry.installedBy(),
                    entry.state(),
                    entry.problem().orElse(null),
                    entry.leases());
        }
    }
}
