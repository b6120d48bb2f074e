// SPDX-License-Identifier: BSD-2-Clause
// An Elasticsearch (8.19 or 9) of one node on the loopback interface, for the tests:
// java -Dtransport=JARS -cp JARS ElasticsearchNode.java FOLDER PORT
//
// Elasticsearch loads its transport as a module of its own, from a folder with a description; its jars (-Dtransport) are copied there
// and are not on the class path.

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.elasticsearch.Build;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

public class ElasticsearchNode {
    private static void installTransport(Path module) throws Exception {
        String version = Build.current().version();
        Files.createDirectories(module);
        for (String jar : System.getProperty("transport").split(":")) {
            Path from = Path.of(jar);
            Files.copy(from, module.resolve(from.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.write(module.resolve("plugin-descriptor.properties"), List.of(
            "name=transport-netty4", "description=transport", "version=" + version, "elasticsearch.version=" + version,
            "java.version=17", "classname=org.elasticsearch.transport.netty4.Netty4Plugin"));
    }

    // What is found in a folder. Elasticsearch 9 wants to know besides whether the system's own plug-ins are meant.
    @SuppressWarnings("unchecked")
    private static <T> T bundles(String method, Path folder) throws Exception {
        try {
            return (T) PluginsLoader.class.getMethod(method, Path.class).invoke(null, folder);
        } catch (NoSuchMethodException newer) {
            return (T) PluginsLoader.class.getMethod(method, Path.class, boolean.class).invoke(null, folder, false);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        int port = Integer.parseInt(arguments[1]);
        Files.createDirectories(folder.resolve("config"));
        Files.createDirectories(folder.resolve("plugins"));
        installTransport(folder.resolve("modules").resolve("transport-netty4"));
        Settings settings = Settings.builder()
            .put("cluster.name", "distribooze-test")
            .put("node.name", "node0")
            .put("path.home", folder)
            .put("path.data", folder.resolve("data"))
            .put("path.logs", folder.resolve("logs"))
            .put("network.host", "127.0.0.1")
            .put("http.port", port)
            .put("transport.port", port + 100)
            .put("discovery.type", "single-node")
            .build();
        LogConfigurator.configureESLogging();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), folder.resolve("config"), () -> "node0");
        PluginsLoader loader = PluginsLoader.createPluginsLoader(
            bundles("loadModulesBundles", environment.modulesDir()), bundles("loadPluginsBundles", environment.pluginsDir()),
            Map.of(), false);
        new Node(environment, loader).start();
        Thread.currentThread().join();
    }
}
