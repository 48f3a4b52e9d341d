// SPDX-License-Identifier: MIT
//
// The page sends requests to whoever served it, not to where the document says
// that the service is: the policy of the page permits nothing else.
fetch("openapi.json")
	.then((answer) => answer.json())
	.then((spec) => {
		spec.servers = [{ url: new URL(".", location.href).pathname }];
		window.SwaggerUIBundle({
			spec,
			dom_id: "#swagger-ui",
			deepLinking: true,
			validatorUrl: null,
		});
	});
