#:property PublishAot=false
#:property GenerateDocumentationFile=false
#:property RunAnalyzers=false
#:property EnforceCodeStyleInBuild=false
// Writes what a published program is made of as CycloneDX 1.6 JSON: dotnet run deploy/sbom.cs -- ASSETS VERSION RID OUT
// ASSETS is the project.assets.json of the restore for that RID: the packages, and the runtimes that are put into the program.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

if (args is not [string assetsPath, string version, string rid, string outputPath])
{
    Console.Error.WriteLine("usage: dotnet run deploy/sbom.cs -- ASSETS VERSION RID OUT");
    return 2;
}

using JsonDocument assets = JsonDocument.Parse(File.ReadAllBytes(assetsPath));
JsonElement root = assets.RootElement;
string[] folders = [.. root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
JsonProperty target = root.GetProperty("targets").EnumerateObject().FirstOrDefault(target => target.Name.EndsWith($"/{rid}", StringComparison.Ordinal));
if (target.Value.ValueKind != JsonValueKind.Object)
{
    Console.Error.WriteLine($"{assetsPath} is of no restore for {rid}.");
    return 1;
}

List<(string Name, string Version)> packages =
[
    .. target.Value.EnumerateObject().Where(library => library.Value.GetProperty("type").GetString() == "package").Select(library => Split(library.Name)),
    .. root.GetProperty("project").GetProperty("frameworks").EnumerateObject()
        .Where(framework => framework.Value.TryGetProperty("downloadDependencies", out _))
        .SelectMany(framework => framework.Value.GetProperty("downloadDependencies").EnumerateArray())
        .Select(download => (download.GetProperty("name").GetString()!, download.GetProperty("version").GetString()!.Trim('[', ']').Split(',')[0].Trim()))
        .Where(download => download.Item1.Contains(".Runtime.", StringComparison.Ordinal) && download.Item1.EndsWith(rid, StringComparison.Ordinal)),
];

JsonArray components = [.. packages.Distinct().OrderBy(package => package.Name, StringComparer.Ordinal).Select(package => (JsonNode)Component(package.Name, package.Version))];
JsonObject document = new()
{
    ["bomFormat"] = "CycloneDX",
    ["specVersion"] = "1.6",
    ["version"] = 1,
    ["metadata"] = new JsonObject
    {
        ["component"] = new JsonObject
        {
            ["type"] = "application",
            ["bom-ref"] = "hearth",
            ["name"] = "hearth",
            ["version"] = version,
            ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = "Apache-2.0" } }),
            ["properties"] = new JsonArray(new JsonObject { ["name"] = "runtime-identifier", ["value"] = rid }),
        },
    },
    ["components"] = components,
    ["dependencies"] = new JsonArray(new JsonObject
    {
        ["ref"] = "hearth",
        ["dependsOn"] = new JsonArray([.. components.Select(component => (JsonNode)component!["bom-ref"]!.GetValue<string>())]),
    }),
};
File.WriteAllText(outputPath, document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
return 0;

JsonObject Component(string name, string packageVersion)
{
    string purl = $"pkg:nuget/{name}@{packageVersion}";
    JsonObject component = new() { ["type"] = "library", ["bom-ref"] = purl, ["name"] = name, ["version"] = packageVersion, ["purl"] = purl };
    string? folder = folders.Select(folder => Path.Combine(folder, name.ToLowerInvariant(), packageVersion)).FirstOrDefault(Directory.Exists);
    if (folder is null)
    {
        return component;
    }

    // NuGet keeps the hash of the package beside it.
    if (Directory.GetFiles(folder, "*.nupkg.sha512") is [string hash, ..])
    {
        component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(hash).Trim())) });
    }

    XElement? license = Directory.GetFiles(folder, "*.nuspec") is [string specification, ..]
        ? XDocument.Load(specification).Descendants().FirstOrDefault(element => element.Name.LocalName == "license" && element.Attribute("type")?.Value == "expression")
        : null;
    if (license is not null)
    {
        component["licenses"] = new JsonArray(new JsonObject { ["expression"] = license.Value });
    }

    return component;
}

static (string, string) Split(string library) => library.Split('/') is [string name, string version] ? (name, version) : throw new FormatException(library);
