using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>compose/compose.yaml, which no engine runs here, held to the rules of its format and to what it promises.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Example = File.ReadAllText(Path.Combine(ComposeFile.Folder, ".env.example"));

    [Fact]
    public void The_file_keeps_the_rules_of_the_format() => Assert.Empty(ComposeRules.Check(ComposeFile.Parse(ComposeFile.Text)));

    [Theory]
    [InlineData("services: {a: {imag: x}}", ".services.a.imag: unknown key")]
    [InlineData("service: {a: {image: x}}", ".services: missing")]
    [InlineData("services: {a: {image: x, ports: [80]}}", ".services.a.ports[0]: [address:]published:target[/protocol] is expected")]
    [InlineData("services: {a: {image: x, restart: sometimes}}", ".services.a.restart: a restart policy is expected")]
    [InlineData("services: {a: {image: x, depends_on: {b: {}}}}", ".services.a.depends_on.b.condition: missing")]
    [InlineData("services: {a: {image: x, healthcheck: {test: [pg_isready]}}}",
        ".services.a.healthcheck.test: text or a list that begins with CMD, CMD-SHELL or NONE is expected")]
    [InlineData("services: {a: {image: x, healthcheck: {test: x, interval: 5}}}",
        ".services.a.healthcheck.interval: a duration such as 1m30s is expected")]
    [InlineData("services: {a: {image: x, volumes: [data]}}", ".services.a.volumes[0]: source:target[:ro] is expected")]
    [InlineData("services: {a: {image: x, environment: [[A]]}}", ".services.a.environment[0]: text is expected")]
    public void A_mistake_is_found(string yaml, string problem) => Assert.Contains(problem, ComposeRules.Check(ComposeFile.Parse(yaml)));

    [Fact]
    public void Compose_itself_accepts_the_file_where_it_is_installed()
    {
        if (Run("compose", "version").Code != 0) return;
        var environment = Path.GetTempFileName();
        try
        {
            File.WriteAllText(environment, Example.Replace("TIKR_DB_PASSWORD=\n", "TIKR_DB_PASSWORD=example\n", StringComparison.Ordinal));

            var (code, errors) = Run(
                "compose", "--env-file", environment, "-f", Path.Combine(ComposeFile.Folder, "compose.yaml"), "config", "--quiet");

            Assert.True(code == 0, errors);
        }
        finally
        {
            File.Delete(environment);
        }
    }

    [Fact]
    public void Every_variable_is_in_the_example_and_the_other_way_round() =>
        Assert.Equal(
            Assignment().Matches(Example).Select(match => match.Groups[1].Value).ToHashSet(),
            Substitution().Matches(ComposeFile.Text).Select(match => match.Groups[1].Value).ToHashSet());

    [Fact]
    public void The_password_is_nowhere_but_in_the_environment_file()
    {
        Assert.Contains("TIKR_DB_PASSWORD=\n", Example, StringComparison.Ordinal);
        Assert.Contains("${TIKR_DB_PASSWORD:?", ComposeFile.Text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?i)password *[:=](?!\?) *(?!\$\{)\S", ComposeFile.Text);
        Assert.Contains("compose/.env\n", File.ReadAllText(Path.Combine(SourceTree.Root, ".gitignore")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_waits_for_healthy_ones_and_those_can_tell()
    {
        foreach (var (name, service) in ComposeFile.Services.Where(service => service.Value.ContainsKey("depends_on")))
        {
            foreach (var other in ((IDictionary<object, object>)service["depends_on"]).Keys.Cast<string>())
                Assert.True(ComposeFile.Services[other].ContainsKey("healthcheck"), $"{name} waits for {other}, which has no health check");
        }
    }

    [Fact]
    public void Every_service_has_a_health_check_of_its_own_or_of_its_image_or_is_scraped() =>
        Assert.All(
            ComposeFile.Services,
            service => Assert.True(
                service.Value.ContainsKey("healthcheck")
                || (service.Value.ContainsKey("build") && Dockerfile.Text.Contains("HEALTHCHECK", StringComparison.Ordinal))
                // Nothing can be run in the collector's image.
                || (service.Key == "collector" && Monitoring.ScrapeTargets.ContainsKey("collector")),
                service.Key));

    [Fact]
    public void Named_volumes_are_declared_and_used()
    {
        var declared = ((IDictionary<object, object>)((IDictionary<object, object>)ComposeFile.Parse(
            ComposeFile.Text)!)["volumes"]).Keys.Cast<string>();
        var used = ComposeFile.Services.Keys.SelectMany(service => ComposeFile.List(service, "volumes"))
            .Select(mount => mount.Split(':')[0]);

        Assert.Equal(declared.Order(), used.Where(source => !source.StartsWith('.')).Distinct().Order());
    }

    [Fact]
    public void Files_that_are_mounted_exist() =>
        Assert.All(
            ComposeFile.Services.Keys.SelectMany(service => ComposeFile.List(service, "volumes"))
                .Select(mount => mount.Split(':')[0]).Where(source => source.StartsWith('.')),
            source => Assert.True(Path.Exists(Path.Combine(ComposeFile.Folder, source)), source));

    [Fact]
    public void Images_of_others_have_a_version() =>
        Assert.All(
            ComposeFile.Services.Values.Where(service => !service.ContainsKey("build")).Select(service => (string)service["image"]),
            image => Assert.Matches(@":v?\d+\.\d+(\.\d+)?([.-]|$)", image));

    [Fact]
    public void The_database_is_the_one_that_the_tests_run_on() =>
        Assert.Contains((string)ComposeFile.Services["timescaledb"]["image"],
            File.ReadAllText(Path.Combine(SourceTree.Root, "scripts", "timescale.sh")), StringComparison.Ordinal);

    [Fact]
    public void The_server_and_the_collector_use_the_broker_by_the_address_that_it_tells_the_others()
    {
        Assert.Contains("PLAINTEXT://kafka:9092,",
            ComposeFile.Environment("kafka", "KAFKA_ADVERTISED_LISTENERS"), StringComparison.Ordinal);
        Assert.Equal("kafka:9092", ComposeFile.Environment("tikr", "TIKR_KAFKA_BROKERS"));
        Assert.Equal(["kafka:9092"], Monitoring.Collector.List("receivers", "kafka", "brokers"));
    }

    [Fact]
    public void Programs_of_this_machine_reach_the_broker_by_the_port_that_it_tells_them()
    {
        const string Port = "127.0.0.1:${TIKR_KAFKA_PORT:-9092}";

        Assert.Equal([$"{Port}:9094"], ComposeFile.List("kafka", "ports"));
        Assert.EndsWith($",HOST://{Port}", ComposeFile.Environment("kafka", "KAFKA_ADVERTISED_LISTENERS"), StringComparison.Ordinal);
        Assert.EndsWith(",HOST://:9094", ComposeFile.Environment("kafka", "KAFKA_LISTENERS"), StringComparison.Ordinal);
    }

    [Fact]
    public void Services_other_than_the_database_have_no_more_rights_than_they_need() =>
        Assert.All(
            ComposeFile.Services.Keys.Where(service => service != "timescaledb"),
            service =>
            {
                Assert.Equal(["ALL"], ComposeFile.List(service, "cap_drop"));
                Assert.Equal(["no-new-privileges:true"], ComposeFile.List(service, "security_opt"));
            });

    [Fact]
    public void Ports_are_published_on_loopback_unless_said_otherwise() =>
        Assert.All(
            ComposeFile.Services.Keys.SelectMany(service => ComposeFile.List(service, "ports")),
            port => Assert.True(port.StartsWith("127.0.0.1:", StringComparison.Ordinal)
                || port.StartsWith("${TIKR_BIND:-127.0.0.1}:", StringComparison.Ordinal), port));

    private static (int Code, string Errors) Run(params string[] arguments)
    {
        try
        {
            using var docker = Process.Start(
                new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = docker.StandardOutput.ReadToEndAsync();
            var errors = docker.StandardError.ReadToEnd();
            docker.WaitForExit();
            return (docker.ExitCode, output.GetAwaiter().GetResult() + errors);
        }
        catch (Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }

    [GeneratedRegex(@"\$\{([A-Z_]+)[^}]*\}")]
    private static partial Regex Substitution();

    [GeneratedRegex(@"(?m)^([A-Z_]+)=")]
    private static partial Regex Assignment();
}
