package org.llmgine.observe.internal;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The JVM's own figures. */
final class JvmFigures {
    private static final double MILLIS = 1e3;
    private static final double NANOS = 1e9;

    private JvmFigures() {}

    static void addTo(Exposition exposition) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory(exposition, "heap", memory.getHeapMemoryUsage());
        memory(exposition, "nonheap", memory.getNonHeapMemoryUsage());
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        exposition.add("jvm_threads", threads.getThreadCount());
        exposition.add("jvm_threads_daemon", threads.getDaemonThreadCount());
        exposition.add("jvm_threads_peak", threads.getPeakThreadCount());
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            String labels = "{gc=\"" + Exposition.escape(collector.getName()) + "\"}";
            exposition.add("jvm_gc_collections_total" + labels, collector.getCollectionCount());
            exposition.add("jvm_gc_seconds_total" + labels, collector.getCollectionTime() / MILLIS);
        }
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        exposition.add("jvm_classes_loaded", classes.getLoadedClassCount());
        exposition.add("jvm_classes_unloaded_total", classes.getUnloadedClassCount());
        exposition.add(
                "jvm_uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / MILLIS);
        operatingSystem(exposition, "OpenFileDescriptorCount", "jvm_open_files", 1);
        operatingSystem(exposition, "MaxFileDescriptorCount", "jvm_open_files_max", 1);
        operatingSystem(exposition, "ProcessCpuTime", "jvm_cpu_seconds_total", NANOS);
    }

    private static void memory(Exposition exposition, String area, MemoryUsage usage) {
        String labels = "{area=\"" + area + "\"}";
        exposition.add("jvm_memory_used_bytes" + labels, usage.getUsed());
        exposition.add("jvm_memory_committed_bytes" + labels, usage.getCommitted());
        if (usage.getMax() >= 0) {
            exposition.add("jvm_memory_max_bytes" + labels, usage.getMax());
        }
    }

    /** Through JMX, because the bean's type is the JDK's own; some systems lack some attributes. */
    private static void operatingSystem(Exposition exposition, String attribute, String name, double divisor) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            Object value =
                    server.getAttribute(new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME), attribute);
            if (value instanceof Number number) {
                exposition.add(name, number.doubleValue() / divisor);
            }
        } catch (JMException e) {
            // This system doesn't count it.
        }
    }
}
