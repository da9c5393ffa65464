using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The Dockerfile, which no engine builds here, held to the projects that the server consists of.</summary>
public sealed class DockerfileTests
{
    private static readonly string[] Projects = [.. ProjectsOf("Silo").Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_project_of_the_server_is_copied_for_the_restore_and_no_other() =>
        Assert.Equal(Projects.Select(project => $"{project}/{project}.csproj"),
            Dockerfile.Sources.Where(source => source.EndsWith(".csproj", StringComparison.Ordinal)));

    [Fact]
    public void Every_file_that_a_project_imports_is_copied_for_the_restore()
    {
        var forRestore = Dockerfile.Sources.TakeWhile(source => !source.EndsWith('/')).ToHashSet();

        var imported = Projects.SelectMany(
            project => XDocument.Load(Path.Combine(SourceTree.Root, project, $"{project}.csproj")).Descendants("Import").Select(import =>
            Path.GetRelativePath(SourceTree.Root,
                Path.GetFullPath(Path.Combine(SourceTree.Root, project, (string)import.Attribute("Project")!))))).ToArray();

        Assert.NotEmpty(imported);
        Assert.All(imported, file => Assert.Contains(file, forRestore));
    }

    [Fact]
    public void Every_project_of_the_server_is_copied_for_the_build_and_no_other() =>
        Assert.Equal(Projects.Select(project => $"{project}/"),
            Dockerfile.Sources.Where(source => source.EndsWith('/') && source != "specs/"));

    [Fact]
    public void Everything_that_is_copied_exists_and_reaches_the_build()
    {
        var allowed = File.ReadAllLines(Path.Combine(SourceTree.Root, ".dockerignore"))
            .Where(line => line.StartsWith('!')).Select(line => line[1..].TrimEnd('/')).ToHashSet();

        Assert.All(Dockerfile.Sources, source => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, source)), source));
        Assert.Equal(allowed.Order(StringComparer.Ordinal), Dockerfile.Sources.Select(source => source.Split('/')[0])
            .Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("USER $APP_UID")]
    [InlineData("TIKR_SERVER_BIND=0.0.0.0")]
    [InlineData("VOLUME /var/lib/tikr")]
    public void The_server_is_not_root_can_be_reached_and_keeps_its_data_outside(string line) =>
        Assert.Contains(line, Dockerfile.Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable", 1)]
    public async Task The_health_check_tells_ready_from_not_ready(string status, int code)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var request = AnswerAsync(listener, status);

        Assert.Equal(code, await CheckAsync(((IPEndPoint)listener.LocalEndpoint).Port));

        Assert.StartsWith("GET /readyz HTTP/1.0\r\n", await request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_check_fails_where_nobody_listens()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        Assert.NotEqual(0, await CheckAsync(port));
    }

    private static async Task<string> AnswerAsync(TcpListener listener, string status)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        var read = await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(status + "\r\nContent-Length: 0\r\n\r\n"), TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    private static async Task<int> CheckAsync(int port)
    {
        var command = JsonSerializer.Deserialize<string[]>(Dockerfile.HealthCheck)!;
        var info = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        info.Environment["TIKR_SERVER_HTTP_PORT"] = $"{port}";
        using var check = Process.Start(info)!;
        await check.WaitForExitAsync(TestContext.Current.CancellationToken);
        return check.ExitCode;
    }

    private static IEnumerable<string> ProjectsOf(string name) =>
        SolutionProject.All.Single(project => !project.IsTest && project.Name == name).ProjectReferences.SelectMany(ProjectsOf)
            .Append(name);
}
