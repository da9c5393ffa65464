using System.Text.Json;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>A dashboard of Grafana.</summary>
/// <param name="File">Name of its file.</param>
/// <param name="Root">What the file says.</param>
internal sealed record Dashboard(string File, JsonElement Root)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dashboard> All { get; } =
        [.. Directory.GetFiles(Path.Combine(ComposeFile.Folder, "grafana", "dashboards")).Order(StringComparer.Ordinal)
            .Select(file => new Dashboard(Path.GetFileName(file), JsonDocument.Parse(System.IO.File.ReadAllText(file)).RootElement))];

    /// <summary>Everything that is not the title of a row.</summary>
    public IReadOnlyList<JsonElement> Panels => [.. Root.GetProperty("panels").EnumerateArray().Where(panel => Type(panel) != "row")];

    /// <summary>Every query, with the panel's title or the variable's name.</summary>
    public IEnumerable<(string Where, string Expression)> Queries =>
        Panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()
            .Select(target => ($"{File}, {panel.GetProperty("title")}", target.GetProperty("expr").GetString()!)))
            .Concat(Root.GetProperty("templating").GetProperty("list").EnumerateArray().Where(variable => Type(variable) == "query")
                .Select(variable => ($"{File}, ${variable.GetProperty("name")}", variable.GetProperty("definition").GetString()!)));

    /// <summary>Kind of a panel or variable.</summary>
    public static string Type(JsonElement element) => element.GetProperty("type").GetString()!;

    /// <summary>Every data source that is named.</summary>
    public IEnumerable<string> DataSources => Find(Root, "datasource").Select(source => source.GetProperty("uid").GetString()!);

    private static IEnumerable<JsonElement> Find(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(child => child.Name == name ? [child.Value] : Find(child.Value, name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(child => Find(child, name)),
        _ => [],
    };
}
