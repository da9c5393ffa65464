namespace Tikr.Core.Configuration.Yaml;

/// <summary>
/// The keys that a file may have, made from a table of paths: <c>server.grpc_port</c> is a value in a section,
/// <c>kafka.brokers[]</c> a list of values, <c>metrics[].name</c> a key in a list of sections.
/// </summary>
internal sealed class YamlShape
{
    private readonly Dictionary<string, YamlShape> _keys = new(StringComparer.Ordinal);
    private bool _isList;

    private YamlShape()
    {
    }

    /// <summary>The shape of a table of paths.</summary>
    public static YamlShape Of(IEnumerable<string> paths)
    {
        var root = new YamlShape();
        foreach (var path in paths)
        {
            var shape = root;
            foreach (var part in path.Split('.')) shape = shape.Child(part);
        }

        return root;
    }

    /// <summary>Reports unknown keys and values of the wrong kind, everywhere in the file.</summary>
    public void Check(YamlNode root, string file, Problems problems) => new Walk(this, file, problems).Visit(this, root, "");

    private bool IsSection => _keys.Count > 0;

    private string Expected => (_isList, IsSection) switch
    {
        (true, true) => "a list of sections",
        (true, false) => "a list of values",
        (false, true) => "a section with keys",
        (false, false) => "a single value",
    };

    private YamlShape Child(string part)
    {
        var isList = part.EndsWith("[]", StringComparison.Ordinal);
        var key = isList ? part[..^2] : part;
        if (!_keys.TryGetValue(key, out var child)) _keys[key] = child = new YamlShape { _isList = isList };
        return child;
    }

    private IEnumerable<string> Paths(string prefix) =>
        _keys.SelectMany(key => key.Value.Paths(prefix + key.Key + (key.Value._isList ? "[]." : ".")).Prepend(prefix + key.Key));

    private sealed class Walk(YamlShape root, string file, Problems problems)
    {
        public void Visit(YamlShape shape, YamlNode node, string path)
        {
            if (node.IsEmpty) return;
            if (!shape._isList) VisitOne(shape, node, path);
            else if (node is not YamlList list) Reject(shape.Expected, node, path);
            else
            {
                for (var i = 0; i < list.Items.Count; i++) VisitOne(shape, list.Items[i], $"{path}[{i}]");
            }
        }

        private void VisitOne(YamlShape shape, YamlNode node, string path)
        {
            if (shape.IsSection && node is YamlMap map)
            {
                foreach (var entry in map.Entries) VisitKey(shape, entry, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}");
            }
            else if (shape.IsSection || node is not YamlScalar)
            {
                Reject(shape.IsSection ? "a section with keys" : "a single value", node, path);
            }
        }

        private void VisitKey(YamlShape shape, YamlEntry entry, string path)
        {
            if (shape._keys.TryGetValue(entry.Key, out var child)) Visit(child, entry.Value, path);
            else problems.Reject(At(entry.Line, path, entry.Value), Unknown(shape, entry.Key));
        }

        private void Reject(string expected, YamlNode node, string path) =>
            problems.Reject(At(node.Line, path, node), ConfigMessages.WrongKind(expected, node.Kind));

        private Located At(int line, string path, YamlNode node) =>
            new(file, line, path, node is YamlScalar { IsEmpty: false } scalar ? scalar.Text : null);

        // A key that stands in the wrong section is more likely than a typo of another key here.
        private Complaint Unknown(YamlShape shape, string key)
        {
            var elsewhere = root.Paths("").FirstOrDefault(path => path.EndsWith("." + key, StringComparison.Ordinal));
            return ConfigMessages.UnknownKey(elsewhere ?? Nearest.To(key, shape._keys.Keys), shape._keys.Keys);
        }
    }
}
