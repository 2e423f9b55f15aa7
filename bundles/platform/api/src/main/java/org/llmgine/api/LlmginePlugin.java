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
 * {@value #NAMESPACE} capability with the attributes {@code id} and {@code kind}; the plugin's version is the bundle's. The
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

    /**
     * The service property that names an instance which no factory configuration made: {@code work} for {@code id~work}. Of
     * several services of one name the one with the highest {@code service.ranking} gets the calls.
     */
    String INSTANCE = "llmgine.instance";

    /** The name of a factory configuration, or of {@link #INSTANCE}, that makes the plain instance {@code id}. */
    String DEFAULT_INSTANCE = "default";

    /**
     * Name the plugin's code, for example {@code openai}: lower-case letters, digits and hyphens, unique within its kind.
     */
    @Attribute
    String id();

    /** Name the extension point: {@link #ENGINE}, {@link #PROVIDER} or {@link #TOOL}. */
    @Attribute
    String kind();
}
