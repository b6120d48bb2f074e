// SPDX-License-Identifier: BSD-2-Clause
// One node of an OpenSearch cluster on the loopback interface, for the tests: java -cp JARS OpenSearchNode.java FOLDER PORT NUMBER NODES
//
// Node NUMBER of NODES, counted from 0, listens for HTTP at PORT + NUMBER and for the others at PORT + 100 + NUMBER. Its modules are
// those that the queries need.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;

public class OpenSearchNode {
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        int port = Integer.parseInt(arguments[1]);
        int number = Integer.parseInt(arguments[2]);
        int nodes = Integer.parseInt(arguments[3]);
        for (String name : List.of("config", "modules", "plugins")) {
            Files.createDirectories(folder.resolve(name));
        }
        List<String> names = IntStream.range(0, nodes).mapToObj(i -> "node" + i).collect(Collectors.toList());
        List<String> hosts = IntStream.range(0, nodes).mapToObj(i -> "127.0.0.1:" + (port + 100 + i)).collect(Collectors.toList());
        Settings settings = Settings.builder()
            .put("cluster.name", "distribooze-test")
            .put("node.name", "node" + number)
            .putList("node.roles", "cluster_manager", "data", "ingest")
            .put("path.home", folder)
            .put("path.data", folder.resolve("data"))
            .put("path.logs", folder.resolve("logs"))
            .put("network.host", "127.0.0.1")
            .put("http.port", port + number)
            .put("transport.port", port + 100 + number)
            .put("indexing_pressure.memory.limit", System.getProperty("taken"))
            .putList("discovery.seed_hosts", hosts)
            .putList("cluster.initial_cluster_manager_nodes", names)
            .build();
        new OpenSearchRunnerNode(
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), folder.resolve("config"), () -> "node" + number),
            List.of(
                org.opensearch.transport.Netty4Plugin.class,
                org.opensearch.painless.PainlessPlugin.class,
                org.opensearch.index.mapper.MapperExtrasPlugin.class)
        ).start();
        Thread.currentThread().join();
    }
}
