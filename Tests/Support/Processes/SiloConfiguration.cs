namespace Tikr.Tests.Support.Processes;

/// <summary>Writes the configuration file of a server under test, in upstream's shape.</summary>
internal static class SiloConfiguration
{
    /// <summary>Writes configuration and specs into the folder and returns the file's path.</summary>
    public static string Write(string folder, Ports ports, SiloOptions options)
    {
        var specs = options.Specs.Count == 0 ? Repository.Specs : Path.Combine(folder, "specs");
        foreach (var (name, text) in options.Specs)
        {
            Directory.CreateDirectory(specs);
            File.WriteAllText(Path.Combine(specs, name), text);
        }

        var file = Path.Combine(folder, "tikr.yaml");
        File.WriteAllText(file, $"""
            server:
              bind: {options.Host}
              grpc_port: {ports.Grpc}
              http_port: {ports.Http}
            storage:
              data_dir: {Path.Combine(folder, "data")}
              durability: {options.Durability}
              ticks:
                ttl: {options.Ttl}
                max_size_gb: 20
              rollup:
                ttl: {options.Ttl}
                max_size_gb: 5
            telemetry:
              enabled: true
              prometheus:
                enabled: true
                port: {ports.Metrics}
            specs_dir: {specs}
            """);
        return file;
    }
}
