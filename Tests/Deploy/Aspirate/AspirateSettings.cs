using System.Text.Json.Nodes;

namespace Tests.Deploy.Aspirate;

/// <summary>What <c>aspirate.json</c> and the command line of <c>deploy/generate.sh</c> set for aspirate.</summary>
internal sealed record AspirateSettings(string Registry, string Prefix, string Tag, string Namespace, string ImagePullPolicy)
{
    public static AspirateSettings Read(string aspirateJson, string @namespace, string imagePullPolicy)
    {
        var container = JsonNode.Parse(File.ReadAllText(aspirateJson))!["ContainerSettings"]!;
        return new AspirateSettings(
            (string)container["Registry"]!, (string)container["RepositoryPrefix"]!, (string)container["Tags"]![0]!, @namespace, imagePullPolicy);
    }
}
