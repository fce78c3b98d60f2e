import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.streaming.StreamJob;
import org.apache.hadoop.util.ToolRunner;

/**
 * Runs one job of Hadoop Streaming after the other, with the local job runner.
 *
 * <p>A line of stdin is a job: its options, with tabs between them. A line "exit N" on stdout says
 * how it ended; before it come the lines of the job's log.
 */
public class HadoopStreamingJobs {
  public static void main(String[] arguments) throws Exception {
    System.setErr(System.out);
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int code = 1;
      try {
        var conf = new Configuration();
        conf.set("fs.defaultFS", "file:///");
        conf.set("mapreduce.framework.name", "local");
        conf.set("fs.file.impl.disable.cache", "true");
        conf.set("hadoop.tmp.dir", arguments[0]);
        conf.set("mapreduce.client.progressmonitor.pollinterval", "50");
        conf.set("mapreduce.client.completion.pollinterval", "50");
        code = ToolRunner.run(conf, new StreamJob(), line.split("\t"));
      } catch (Exception failure) {
        System.out.println(failure);
      }
      System.out.println("\nexit " + code);
      System.out.flush();
    }
  }
}
