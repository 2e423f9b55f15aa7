package org.llmgine.itest.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.core.ObjectCodec;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.llmgine.core.Commands;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The rules for code; each says in its reason what it is there for. */
final class Rules {
    private static final String[] PLUGINS = {
        "org.llmgine.engine..",
        "org.llmgine.provider..",
        "org.llmgine.tool..",
        "org.llmgine.memory..",
        "org.llmgine.embedder.."
    };

    /** The agent works before there is a framework or a log. */
    private static final String AGENT = "org.llmgine.launcher..";

    private static final Pattern BUNDLE =
            Pattern.compile("org\\.llmgine(\\.(engine|provider|tool|memory|embedder))?\\.[a-z0-9]+");

    /** What the code of the bundles keeps to. */
    static final List<ArchRule> FOR_CODE = List.of(
            classes()
                    .that()
                    .resideInAPackage("org.llmgine.api..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "java..",
                            "org.jspecify.annotations..",
                            "org.osgi.annotation..",
                            "org.osgi.service.component.annotations..",
                            "org.llmgine.api..")
                    .because("plugins of every age share the api: what it needs, all of them need"),
            classes()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should(dependOnNoneOfOursBut(
                            "the api and their own bundle",
                            (from, to) -> to.getPackageName().startsWith("org.llmgine.api")
                                    || bundle(to).equals(bundle(from))))
                    .because("a plugin is replaced without a thought for the host's inside or for another plugin"),
            classes()
                    .that()
                    .resideInAPackage("org.llmgine..")
                    .should(dependOnNoneOfOursBut(
                            "exported packages and their own bundle",
                            (from, to) -> !to.getPackageName().contains(".internal")
                                    || bundle(to).equals(bundle(from))))
                    .because("what is not exported can't be wired at run time"),
            noClasses()
                    .that()
                    .resideInAnyPackage("org.llmgine.http..", "org.llmgine.shell..", "org.llmgine.cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.llmgine.core.spi..")
                    .because("the faces do the same things by the same commands, and a bus can take their place"),
            slices().matching("org.llmgine.(**)")
                    .should()
                    .beFreeOfCycles()
                    .ignoreDependency(type(Commands.class), resideInAPackage("org.llmgine.core.command"))
                    .because(
                            "a package is understood after those that it uses; Commands alone is typed by what it executes"),
            noClasses()
                    .should()
                    .resideInAPackage("org.llmgine..internal.*..")
                    .because("a second sub-package means a second bundle"),
            classes()
                    .that()
                    .areAnnotatedWith(Component.class)
                    .should()
                    .haveModifier(JavaModifier.FINAL)
                    .andShould()
                    .resideInAPackage("..internal")
                    .because("others see a component's service, never its class"),
            fields().that()
                    .areAnnotatedWith(Reference.class)
                    .should()
                    .haveModifier(JavaModifier.VOLATILE)
                    .allowEmptyShould(true)
                    .because("a static reference is a constructor's parameter, and a field is for one that is swapped"),
            fields().that()
                    .areStatic()
                    .should()
                    .beFinal()
                    .because("static state outlives the configuration that made it"),
            noFields()
                    .that()
                    .areStatic()
                    .and()
                    .areDeclaredInClassesThat(
                            resideInAPackage("org.llmgine..").and(DescribedPredicate.not(resideInAPackage(AGENT))))
                    .should()
                    .haveRawType(describe("a type that holds state", Rules::holdsState))
                    .because("static state and Jackson's type cache keep the class loaders of replaced plugins alive"),
            noClasses()
                    .that()
                    .resideOutsideOfPackages(AGENT, "org.llmgine.cli..", "org.llmgine.shell..")
                    .and()
                    .haveSimpleNameNotContaining("Announcer")
                    .should(ACCESS_STANDARD_STREAMS)
                    .because(
                            "what happens is logged, and only the announcer, the shell and the command line speak to the terminal"),
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.util.logging..")
                    .because("there is one logging API, slf4j"),
            noClasses()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .callMethodWhere(target(owner(type(Executors.class)))
                            .or(target(owner(type(Thread.class))).and(target(nameMatching("start.*|of.*")))))
                    .because("threads are the host's, which sees, names and ends them"),
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "org.llmgine.bus.internal", "org.llmgine.core.internal", "org.llmgine.http.internal")
                    .should()
                    .callMethodWhere(target(owner(type(ServiceLoader.class))).or(target(name("setContextClassLoader"))))
                    .because(
                            "the guard and the bus set a plugin's class loader and the HTTP bundle its Jersey's, nobody else"),
            noClasses()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .dependOnClassesThat(type(BundleContext.class).or(resideInAPackage("org.osgi.util.tracker..")))
                    .because("a plugin is found by its services and told by its configuration"),
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith("Impl")
                    .because("an implementation is named after what sets it apart"),
            noMethods()
                    .that()
                    .areDeclaredInClassesThat()
                    .areRecords()
                    .should()
                    .haveNameMatching("get[A-Z].*")
                    .because("a record's accessors are named like its components"),
            methods()
                    .that()
                    .areDeclaredInClassesThat()
                    .resideInAnyPackage("org.llmgine.core", "org.llmgine.core.command", "org.llmgine.core.spi")
                    .should()
                    .notDeclareThrowableOfType(Exception.class)
                    .because("only LlmgineException and its subtypes leave an exported type"));

    /** What tests keep to. */
    static final List<ArchRule> FOR_TESTS = List.of(noClasses()
            .should()
            .callMethodWhere(target(name("sleep"))
                    .and(target(owner(type(Thread.class))).or(target(owner(type(TimeUnit.class))))))
            .because("a test waits for a signal or moves a clock"));

    private Rules() {}

    private static ArchCondition<JavaClass> dependOnNoneOfOursBut(
            String what, BiPredicate<JavaClass, JavaClass> allowed) {
        return new ArchCondition<>("depend on none of our packages but " + what) {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (Dependency dependency : item.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (target.getPackageName().startsWith("org.llmgine.") && !allowed.test(item, target)) {
                        events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    /** Return the root package of a class's bundle. */
    private static String bundle(JavaClass type) {
        Matcher matcher = BUNDLE.matcher(type.getPackageName());
        return matcher.lookingAt() ? matcher.group() : type.getPackageName();
    }

    private static boolean holdsState(JavaClass type) {
        boolean isCollection =
                !type.isInterface() && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class));
        return isCollection
                || type.isAssignableTo(ThreadLocal.class)
                || type.isAssignableTo(ObjectCodec.class)
                || type.getPackageName().startsWith("java.util.concurrent.atomic");
    }
}
