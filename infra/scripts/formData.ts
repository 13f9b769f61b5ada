/** In the bundle, what axios imports as `form-data`: the class of Node.js. */
export default FormData
