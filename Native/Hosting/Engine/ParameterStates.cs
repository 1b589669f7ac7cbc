using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>Shows which parameters have a value.</summary>
internal static class ParameterStates
{
    public static async Task PublishAsync(EngineContext engine)
    {
        foreach (var parameter in engine.Model.Resources.OfType<ParameterResource>())
        {
            var state = KnownResourceStates.Running;
            object? value = null;
            try
            {
                value = parameter.CurrentValue;
            }
            catch (MissingParameterValueException e)
            {
                state = "ValueMissing";
                EngineLog.StartFailed(engine.Logger, parameter.Name, e.Message);
            }

            await engine.Notifications.PublishUpdateAsync(parameter, parameter.Name, s => s with
            {
                State = state,
                Properties = [new ResourcePropertySnapshot("Value", value) { IsSensitive = parameter.Secret }],
            });
        }
    }
}
