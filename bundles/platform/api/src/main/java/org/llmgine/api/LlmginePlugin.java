package org.llmgine.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;

/**
 * Declare that a bundle is a plugin.
 *
 * <p>Put it on the component class that implements the extension point. The build turns it into the bundle's
 * {@value #NAMESPACE} capability with these attributes; the plugin's version is the bundle's. The
 * host takes services of an extension point only from bundles that carry the capability for that kind.
 *
 * <p>The plugin's id names its instances too: a component without factory configuration is the instance {@code id}, one
 * made by the factory configuration {@code <pid>~work} is the instance {@code id~work}. The name {@value #DEFAULT_INSTANCE}
 * stands for the plain {@code id}.
 */
@Capability(namespace = LlmginePlugin.NAMESPACE)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface LlmginePlugin {
    /** The capability's namespace. */
    String NAMESPACE = "org.llmgine.plugin";

    /** {@link #kind()} of a plugin that implements {@link org.llmgine.api.engine.Engine}. */
    String ENGINE = "engine";

    /** {@link #kind()} of a plugin that implements {@link org.llmgine.api.model.ModelProvider}. */
    String PROVIDER = "provider";

    /** {@link #kind()} of a plugin that implements {@link org.llmgine.api.tool.Tool}. */
    String TOOL = "tool";

    /** {@link #kind()} of a plugin that listens to what the host tells, by {@link org.llmgine.api.bus.EventListener}. */
    String OBSERVER = "observer";

    /** {@link #kind()} of a plugin that stands around messages, by {@link org.llmgine.api.bus.Interceptor}. */
    String INTERCEPTOR = "interceptor";

    /**
     * The service property that names an instance which no factory configuration made: {@code work} for {@code id~work}. Of
     * several services of one name the one with the highest {@code service.ranking} gets the calls.
     */
    String INSTANCE = "llmgine.instance";

    /** {@link #upgrade()} of a plugin whose versions may run side by side. */
    String PARALLEL = "parallel";

    /** {@link #upgrade()} of a plugin of which one version may run at a time. */
    String EXCLUSIVE = "exclusive";

    /** The name of a factory configuration, or of {@link #INSTANCE}, that makes the plain instance {@code id}. */
    String DEFAULT_INSTANCE = "default";

    /**
     * Name the plugin's code, for example {@code openai}: lower-case letters, digits and hyphens, unique within its kind.
     */
    @Attribute
    String id();

    /** Name the extension point: {@link #ENGINE}, {@link #PROVIDER}, {@link #TOOL}, {@link #OBSERVER} or {@link #INTERCEPTOR}. */
    @Attribute
    String kind();

    /** Name the plugin for people, for example {@code OpenAI-compatible back-ends}. */
    @Attribute
    String name() default "";

    /** Say in a sentence what it does. */
    @Attribute
    String description() default "";

    /** Say who made it. */
    @Attribute
    String author() default "";

    /** Give a picture: an address, or a path in the jar. */
    @Attribute
    String icon() default "";

    /** Give addresses where to read more. */
    @Attribute
    String[] links() default {};

    /** Say what it will use, for example {@code network} or {@code files}. It is shown to people, and not enforced. */
    @Attribute
    String[] permissions() default {};

    /** Name the configuration PIDs that it takes. */
    @Attribute
    String[] pids() default {};

    /**
     * Say how another version takes over: {@link #PARALLEL}, beside this one, or {@link #EXCLUSIVE}, after this one has ended,
     * for a plugin that owns what only one can have: a file's lock, a port, a native library.
     */
    @Attribute
    String upgrade() default PARALLEL;
}
