namespace Hearth.Server.Observability;

/// <summary>
/// Where spans and metrics are sent, by OpenTelemetry's protocol (OTLP). Headers, timeouts and certificates come from OpenTelemetry's own variables of
/// the environment, such as <c>OTEL_EXPORTER_OTLP_HEADERS</c>.
/// </summary>
/// <param name="Endpoint">The collector, as <c>http://collector:4318</c>.</param>
public sealed record OtlpOptions(Uri Endpoint)
{
    /// <summary>The variable that has the collector.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string DisabledVariable = "OTEL_SDK_DISABLED";
    private const string GrpcName = "grpc";
    private const string HttpName = "http/protobuf";

    /// <summary>Whether gRPC is spoken, and not HTTP.</summary>
    public bool UsesGrpc { get; init; }

    /// <summary>What the environment says; null where nothing is to be sent.</summary>
    /// <param name="endpoint">The collector, where it is given otherwise; null for the variable's.</param>
    /// <param name="variable">Reads a variable; null where it is not set.</param>
    /// <exception cref="FormatException">A value is not what it must be.</exception>
    public static OtlpOptions? Read(string? endpoint, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        endpoint ??= "true".Equals(variable(DisabledVariable), StringComparison.OrdinalIgnoreCase) ? null : variable(EndpointVariable);
        if (endpoint is null)
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new FormatException($"'{endpoint}' is no address of a collector; expected a URL such as http://127.0.0.1:4318.");
        }

        return new OtlpOptions(address)
        {
            UsesGrpc = variable(ProtocolVariable) switch
            {
                null or HttpName => false,
                GrpcName => true,
                string other => throw new FormatException($"{ProtocolVariable} is '{other}'; expected {HttpName} or {GrpcName}."),
            },
        };
    }
}
